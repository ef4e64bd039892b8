import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/**
 * A function that asks, and resolves to whether the answer is yes: a dialog that is closed is a no.
 *
 * @returns {(props: { title: string, body: string, confirmLabel: string }) => Promise<boolean>}
 */
export function useAsk() {
    const dialog = useService("dialog");
    return (props) =>
        new Promise((resolve) => {
            const answers = { confirm: () => resolve(true), cancel: () => resolve(false) };
            const whole = { cancelLabel: _t("Keep editing"), ...props, ...answers };
            dialog.add(ConfirmationDialog, whole, { onClose: () => resolve(false) });
        });
}

/** A form that asks before it saves what concerns many customers: `save_question` of the record says what. */
export class AskingFormController extends FormController {
    setup() {
        super.setup();
        this.ask = useAsk();
    }

    async onWillSaveRecord(record, changes) {
        if ((await super.onWillSaveRecord(...arguments)) === false) {
            return false;
        }
        if (!record.resId || !changes) {
            return true;
        }
        const question = await this.orm.call(record.resModel, "save_question", [[record.resId], changes]);
        return !question || this.ask({ title: _t("Save the changes?"), body: question, confirmLabel: _t("Save") });
    }
}

registry.category("views").add("crm_asking_form", { ...formView, Controller: AskingFormController });
