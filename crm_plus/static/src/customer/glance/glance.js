import { Component, useState } from "@odoo/owl";

import { GlanceAction } from "@crm_plus/customer/glance/glance_action";
import { GlanceCard } from "@crm_plus/customer/glance/glance_card";
import { loadGlance } from "@crm_plus/customer/glance/glance_data";
import { GlanceDetails } from "@crm_plus/customer/glance/glance_details";
import { dayText } from "@crm_plus/shared/calendar_day/calendar_day";
import { useRecordReload } from "@crm_plus/shared/use_record_reload";
import { useRemembered } from "@crm_plus/shared/use_remembered";
import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { deserializeDate, serializeDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * A customer at one glance, at the top of the form of the contact: as of today, or of a past day. It loads after the form
 * is shown, and the details once they are asked for.
 */
export class Glance extends Component {
    static template = "crm_plus.Glance";
    static components = { DateTimeInput, GlanceAction, GlanceCard, GlanceDetails };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.answers = new KeepLast();
        this.collapsed = useRemembered("crm_plus.glance_collapsed");
        this.state = useState({ card: { state: "loading" }, day: false, isChoosing: false, hasDetails: false });
        useRecordReload(this, {
            reset: () =>
                Object.assign(this.state, { card: { state: "loading" }, day: false, isChoosing: false, hasDetails: false }),
            load: () => this.load(),
        });
    }

    get card() {
        return this.state.card;
    }

    get partnerId() {
        return this.props.record.resId;
    }

    get isShown() {
        return this.card.state !== "none" && Boolean(this.partnerId);
    }

    get dayText() {
        return dayText(this.state.day);
    }

    get dayProps() {
        const today = deserializeDate(this.card.today);
        return {
            type: "date",
            value: this.state.day ? deserializeDate(this.state.day) : today,
            maxDate: today,
            onApply: (day) => this.showDay(day && serializeDate(day)),
        };
    }

    /** What is behind the card; of who has no figures yet, what to expect. */
    get areDetailsShown() {
        return !this.state.day && (this.state.hasDetails || !this.card.has_profile);
    }

    async load() {
        if (this.partnerId) {
            this.state.card = await this.answers.add(loadGlance(this.orm, this.partnerId, this.state.day));
        }
    }

    /** @param {string|false} day what was known then; today has the card of today */
    showDay(day) {
        const past = Boolean(day) && day < this.card.today;
        Object.assign(this.state, { day: past && day, isChoosing: false, hasDetails: false });
        return this.load();
    }
}

registry.category("view_widgets").add("crm_glance", { component: Glance });
