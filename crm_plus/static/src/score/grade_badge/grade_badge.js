import { Component } from "@odoo/owl";

import { gradeParts } from "@crm_plus/score/grade_badge/grade_parts";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The grade of a lead: letter and digit, the darker the better. */
export class GradeBadge extends Component {
    static template = "crm_plus.GradeBadge";
    static props = { grade: { type: [String, Boolean] }, class: { type: String, optional: true } };

    get grade() {
        const parts = gradeParts(this.props.grade);
        return (
            parts && {
                text: this.props.grade,
                level: parts.level,
                title: _t("Fit %(letter)s (A is best), engagement %(digit)s (1 is best)", parts),
            }
        );
    }
}

export class GradeField extends Component {
    static template = "crm_plus.GradeField";
    static components = { GradeBadge };
    static props = { ...standardFieldProps };
}

registry.category("fields").add("crm_grade", {
    component: GradeField,
    displayName: _t("Grade"),
    supportedTypes: ["char"],
});
