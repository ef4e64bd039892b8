import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Many2OneField, buildM2OFieldDescription } from "@web/views/fields/many2one/many2one_field";

/** A segment or a tier as a tag in its own color; to be chosen as usual where it may be edited. */
export class TagField extends Many2OneField {
    static template = "crm_plus.TagField";

    get value() {
        return this.props.record.data[this.props.name];
    }
}

registry.category("fields").add("crm_tag", {
    ...buildM2OFieldDescription(TagField),
    displayName: _t("Colored tag"),
    relatedFields: [
        { name: "display_name", type: "char" },
        { name: "color", type: "integer" },
    ],
});
