import { Component } from "@odoo/owl";

import { Why } from "@crm_plus/shared/why/why";
import { useService } from "@web/core/utils/hooks";

const LEVELS = {
    low: "text-success",
    medium: "text-warning-emphasis",
    high: "text-danger",
    lost: "text-muted",
    unknown: "text-muted fw-normal",
};

/** The window with the records that a figure or a badge stands for; the pager of a record steps through them. */
export function windowOf({ name, res_model, domain }) {
    return {
        type: "ir.actions.act_window",
        name,
        res_model,
        domain,
        views: [
            [false, "list"],
            [false, "form"],
        ],
    };
}

/** The figures of a customer at one glance, each with its explanation; a click opens what it is made of. */
export class GlanceCard extends Component {
    static template = "crm_plus.GlanceCard";
    static components = { Why };
    static props = { card: Object, onOpen: { type: Function, optional: true } };

    setup() {
        this.action = useService("action");
    }

    levelClass(figure) {
        return LEVELS[figure.level] ?? "";
    }

    open(opens) {
        this.props.onOpen?.();
        return this.action.doAction(windowOf(opens));
    }
}
