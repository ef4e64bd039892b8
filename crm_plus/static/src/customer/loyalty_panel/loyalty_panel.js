import { Component, useState } from "@odoo/owl";

import { withDays } from "@crm_plus/shared/calendar_day/calendar_day";
import { failure } from "@crm_plus/shared/load_failed/load_failed";
import { RfmGauge } from "@crm_plus/customer/rfm_gauge/rfm_gauge";
import { SparkBars } from "@crm_plus/customer/spark_bars/spark_bars";
import { Why } from "@crm_plus/shared/why/why";
import { useRecordReload } from "@crm_plus/shared/use_record_reload";
import { useRemembered } from "@crm_plus/shared/use_remembered";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const LEVELS = { low: "text-success", medium: "text-warning-emphasis", high: "text-danger", lost: "text-muted" };

/** What the customer profile says, at the top of the form of a contact. It loads after the form is shown. */
export class LoyaltyPanel extends Component {
    static template = "crm_plus.LoyaltyPanel";
    static components = { RfmGauge, SparkBars, Why };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.answers = new KeepLast();
        this.collapsed = useRemembered("crm_plus.loyalty_collapsed");
        this.state = useState({ panel: { state: "loading" } });
        useRecordReload(this, {
            reset: () => Object.assign(this.state, { panel: { state: "loading" } }),
            load: () => this.load(),
        });
    }

    get panel() {
        return this.state.panel;
    }

    get isShown() {
        return this.panel.state !== "none" && this.props.record.resId;
    }

    get sinceText() {
        return _t("Revenue, %s months", this.panel.months.length);
    }

    levelClass(figure) {
        return LEVELS[figure.level] ?? "";
    }

    async load() {
        const { resId } = this.props.record;
        if (!resId) {
            return;
        }
        try {
            const { months, ...texts } = await this.answers.add(
                this.orm.silent.call("crm.customer.profile", "loyalty_panel", [resId])
            );
            this.state.panel = { ...withDays(texts), months };
        } catch (error) {
            // The form is useful without the panel; who may not see profiles has none.
            this.state.panel = { state: failure(error) === "denied" ? "none" : "failed" };
        }
    }
}

registry.category("view_widgets").add("crm_loyalty_panel", { component: LoyaltyPanel });
