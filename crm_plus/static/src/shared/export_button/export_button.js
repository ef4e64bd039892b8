import { Component, onWillStart, useState } from "@odoo/owl";

import { tried } from "@crm_plus/shared/load_failed/load_failed";
import { useService } from "@web/core/utils/hooks";
import { user } from "@web/core/user";

/** Downloads what a screen shows as a workbook, for whoever may export. */
export class ExportButton extends Component {
    static template = "crm_plus.ExportButton";
    static props = { path: String, asked: { type: Object, optional: true } };

    setup() {
        this.action = useService("action");
        this.state = useState({ isAllowed: false });
        onWillStart(() => {
            // What the button stands on does not wait for it.
            tried(user.hasGroup("base.group_allow_export")).then(({ answer }) => (this.state.isAllowed = Boolean(answer)));
        });
    }

    get url() {
        const asked = new URLSearchParams({ company_id: user.activeCompany.id, ...this.props.asked });
        return `/crm_plus/${this.props.path}.xlsx?${asked}`;
    }

    download() {
        return this.action.doAction({ type: "ir.actions.act_url", url: this.url, target: "download" });
    }
}
