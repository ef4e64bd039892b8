import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/** A form that asks before it saves what concerns many customers: `save_question` of the record says what. */
export class AskingFormController extends FormController {
    setup() {
        super.setup();
        this.dialogs = useService("dialog");
    }

    async onWillSaveRecord(record, changes) {
        if ((await super.onWillSaveRecord(...arguments)) === false) {
            return false;
        }
        if (!record.resId || !changes) {
            return true;
        }
        const question = await this.orm.call(record.resModel, "save_question", [[record.resId], changes]);
        return question ? this.ask(question) : true;
    }

    ask(question) {
        return new Promise((resolve) => {
            const options = { onClose: () => resolve(false) };
            const props = {
                title: _t("Save the changes?"),
                body: question,
                confirmLabel: _t("Save"),
                confirm: () => resolve(true),
                cancel: () => resolve(false),
            };
            this.dialogs.add(ConfirmationDialog, props, options);
        });
    }
}

registry.category("views").add("crm_asking_form", { ...formView, Controller: AskingFormController });
