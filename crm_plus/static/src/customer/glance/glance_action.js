import { Component } from "@odoo/owl";

import { windowOf } from "@crm_plus/customer/glance/glance_card";
import { Why } from "@crm_plus/shared/why/why";
import { useService } from "@web/core/utils/hooks";

/** What is best done next with a customer, and why; a click opens what it is about. */
export class GlanceAction extends Component {
    static template = "crm_plus.GlanceAction";
    static components = { Why };
    static props = { action: Object, onOpen: { type: Function, optional: true } };

    setup() {
        this.actionService = useService("action");
    }

    open() {
        this.props.onOpen?.();
        return this.actionService.doAction(windowOf(this.props.action.opens));
    }
}
