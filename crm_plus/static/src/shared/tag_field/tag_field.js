import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Many2OneField, buildM2OFieldDescription } from "@web/views/fields/many2one/many2one_field";

// The field of contacts that says in which of these they are.
const CONTACTS_OF = { "crm.segment": "crm_segment_id", "crm.tier": "crm_tier_id" };

/** A segment or a tier as a tag in its own color; to be chosen as usual where it may be edited. */
export class TagField extends Many2OneField {
    static template = "crm_plus.TagField";

    setup() {
        super.setup();
        this.action = useService("action");
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    /** In a form a tag leads to the contacts that have it; in lists and cards a click opens the record. */
    get hasContacts() {
        return this.env.config?.viewType === "form" && this.relation in CONTACTS_OF;
    }

    get relation() {
        return this.props.record.fields[this.props.name].relation;
    }

    openContacts() {
        const { id, display_name } = this.value;
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: display_name,
            res_model: "res.partner",
            domain: [[CONTACTS_OF[this.relation], "=", id]],
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
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
