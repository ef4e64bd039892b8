import { Component, markup, xml } from "@odoo/owl";

import { withDays } from "@crm_plus/shared/calendar_day/calendar_day";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { CharField, charField } from "@web/views/fields/char/char_field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A text of the server, with its days written in the calendar of the user. */
export class DaysField extends CharField {
    get formattedValue() {
        return withDays(super.formattedValue);
    }
}

/** A text of the server in HTML, to be read only, with its days written like that. */
export class DaysHtmlField extends Component {
    static template = xml`<div class="o_readonly" t-out="html"/>`;
    static props = { ...standardFieldProps };

    get html() {
        return markup(withDays(String(this.props.record.data[this.props.name] || "")));
    }
}

registry.category("fields").add("crm_days_html", {
    component: DaysHtmlField,
    displayName: _t("Text with dates"),
    supportedTypes: ["html"],
});

registry.category("fields").add("crm_days", {
    ...charField,
    component: DaysField,
    displayName: _t("Text with dates"),
    supportedTypes: ["char", "text"],
});
