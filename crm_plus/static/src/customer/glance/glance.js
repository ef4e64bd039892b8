import { Component, useEffect, useState } from "@odoo/owl";

import { withDays } from "@crm_plus/shared/calendar_day/calendar_day";
import { failure } from "@crm_plus/shared/load_failed/load_failed";
import { useRemembered } from "@crm_plus/shared/use_remembered";
import { Why } from "@crm_plus/shared/why/why";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useBus, useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const LEVELS = { low: "text-success", medium: "text-warning-emphasis", high: "text-danger", lost: "text-muted" };

/** A customer at one glance, on the form of the contact and of what belongs to one. It loads after the form is shown. */
export class Glance extends Component {
    static template = "crm_plus.Glance";
    static components = { Why };
    static props = { ...standardWidgetProps, field: { type: String, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.answers = new KeepLast();
        this.collapsed = useRemembered("crm_plus.glance_collapsed");
        this.state = useState({ card: { state: "loading" } });
        useEffect(
            () => {
                this.state.card = { state: "loading" };
                this.load();
            },
            () => [this.partnerId]
        );
        useBus(this.env.bus, "MAIL:RELOAD-THREAD", ({ detail }) => {
            const { resModel, resId } = this.props.record;
            if (detail.model === resModel && detail.id === resId) {
                this.load();
            }
        });
    }

    get partnerId() {
        const { resModel, resId, data } = this.props.record;
        return this.props.field ? data[this.props.field]?.id : resModel === "res.partner" && resId;
    }

    get card() {
        return this.state.card;
    }

    get isShown() {
        return this.card.state !== "none" && Boolean(this.partnerId);
    }

    levelClass(figure) {
        return LEVELS[figure.level] ?? "";
    }

    /** The days within sentences are rewritten; what is sent back with a click stays as it is. */
    async load() {
        if (!this.partnerId) {
            return;
        }
        try {
            const card = await this.answers.add(
                this.orm.silent.call("crm.customer.profile", "glance", [this.partnerId])
            );
            const figures = (card.figures ?? []).map(({ opens, ...texts }) => ({ ...withDays(texts), opens }));
            this.state.card = { ...card, figures, action: withDays(card.action ?? null) };
        } catch (error) {
            // The form is useful without the card; who may not see profiles has none.
            this.state.card = { state: failure(error) === "denied" ? "none" : "failed" };
        }
    }

    open({ name, res_model, domain }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model,
            domain,
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }
}

registry.category("view_widgets").add("crm_glance", {
    component: Glance,
    extractProps: ({ attrs }) => (attrs.partner ? { field: attrs.partner } : {}),
});
