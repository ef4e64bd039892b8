import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { MonetaryField, monetaryField } from "@web/views/fields/monetary/monetary_field";

/** An amount of a customer; where the user may not see it, a lock that says who may. */
export class AmountField extends MonetaryField {
    static template = "crm_plus.AmountField";
    static props = { ...MonetaryField.props, noteField: { type: String, optional: true } };

    /** Why there is no amount; empty when it is shown. */
    get note() {
        return (this.value === false && this.props.record.data[this.props.noteField || "amount_note"]) || "";
    }
}

registry.category("fields").add("crm_amount", {
    ...monetaryField,
    component: AmountField,
    displayName: _t("Amount of a customer"),
    supportedTypes: ["monetary"],
    extractProps: (info) => ({ ...monetaryField.extractProps(info), noteField: info.options.note_field }),
});
