import { Component, useState } from "@odoo/owl";

import { ModelFieldSelector } from "@web/core/model_field_selector/model_field_selector";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { CharField, charField } from "@web/views/fields/char/char_field";

/**
 * A path of fields from the records of a source: picked field by field, or typed, which is how several paths and those
 * of apps that are not installed are written.
 */
export class SourcePath extends Component {
    static template = "crm_plus.SourcePath";
    static components = { CharField, ModelFieldSelector };
    static props = { ...CharField.props };

    setup() {
        this.state = useState({ isTyped: false });
    }

    get path() {
        return this.props.record.data[this.props.name] || "";
    }

    get canPick() {
        const { data } = this.props.record;
        return !this.props.readonly && data.is_installed && !/[,?]/.test(this.path);
    }

    get switchLabel() {
        return this.state.isTyped ? _t("Pick fields") : _t("Type the path");
    }

    get selectorProps() {
        return {
            allowEmpty: true,
            path: this.path,
            resModel: this.props.record.data.model_name,
            readonly: false,
            isDebugMode: true, // with the technical names, which are what is stored
            followRelations: true,
            update: (path) => this.props.record.update({ [this.props.name]: path || false }),
            filter: ({ type }) => !["separator", "properties", "properties_definition"].includes(type),
        };
    }
}

registry.category("fields").add("crm_source_path", {
    ...charField,
    component: SourcePath,
    displayName: _t("Path of a source"),
});
