import { withDays } from "@crm_plus/shared/calendar_day/calendar_day";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { CharField, charField } from "@web/views/fields/char/char_field";

/** A text of the server, with its days written in the calendar of the user. */
export class DaysField extends CharField {
    get formattedValue() {
        return withDays(super.formattedValue);
    }
}

registry.category("fields").add("crm_days", {
    ...charField,
    component: DaysField,
    displayName: _t("Text with dates"),
    supportedTypes: ["char", "text"],
});
