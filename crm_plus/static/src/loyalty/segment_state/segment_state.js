import { Component, useState } from "@odoo/owl";

import { movesText } from "@crm_plus/loyalty/move_preview/moves_text";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Activates a segment or makes it a draft again, after telling whom that moves and what follows. */
export class SegmentState extends Component {
    static template = "crm_plus.SegmentState";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.state = useState({ isBusy: false });
    }

    get current() {
        return this.props.record.data.state;
    }

    activate() {
        return this.ask("active", "action_activate", _t("Activate"));
    }

    draft() {
        return this.ask("draft", "action_draft", _t("Back to draft"));
    }

    async ask(state, method, label) {
        const { record } = this.props;
        this.state.isBusy = true;
        try {
            if (!(await record.save())) {
                return;
            }
            const preview = await this.orm.call(record.resModel, "preview_changes", [[record.resId], { state }]);
            this.dialog.add(ConfirmationDialog, {
                title: record.data.name,
                body: this.text(preview, state),
                confirmLabel: label,
                confirm: async () => {
                    await this.orm.call(record.resModel, method, [[record.resId]]);
                    await record.load();
                },
                cancel: () => {},
            });
        } finally {
            this.state.isBusy = false;
        }
    }

    text(preview, state) {
        return movesText(state === "active" ? preview : { ...preview, follows: [] });
    }
}

registry.category("view_widgets").add("crm_segment_state", {
    component: SegmentState,
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "name", type: "char" },
    ],
});
