import { Component, useState } from "@odoo/owl";

import { ContributionBars } from "@crm_plus/contribution_bars/contribution_bars";
import { shapeLine, withShares } from "@crm_plus/learned_shapes/shape_line";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** What a version learnt: how much each field counts, and what each of its values does. */
export class LearnedShapes extends Component {
    static template = "crm_plus.LearnedShapes";
    static components = { ContributionBars };
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ chosen: 0 });
    }

    get features() {
        return new Map((this.props.record.data.features || []).map((feature) => [feature.name, feature]));
    }

    get shapes() {
        const { features } = this;
        return withShares(this.props.record.data[this.props.name] || []).map((shape) => ({
            ...shape,
            label: shape.feature
                .split(" × ")
                .map((name) => features.get(name)?.label ?? name)
                .join(" × "),
            isNumber: features.get(shape.feature)?.kind === "numeric",
            shareText: formatPercentage(shape.share, { digits: [16, 0] }),
        }));
    }

    get chosen() {
        const { shapes } = this;
        return shapes[Math.min(this.state.chosen, shapes.length - 1)];
    }

    /** The line over the ranges of a number; leads without one are in the table only. */
    get line() {
        return shapeLine(this.chosen.bins.slice(0, this.ranges).map(({ points }) => points));
    }

    get ranges() {
        const { bins } = this.chosen;
        return bins.at(-1)?.label.startsWith("(") ? bins.length - 1 : bins.length;
    }

    get rows() {
        return this.chosen.bins.map(({ label, points, leads }) => ({
            label,
            points,
            detail: leads === 1 ? _t("1 lead") : _t("%s leads", leads),
        }));
    }

    get ends() {
        const { bins } = this.chosen;
        return [bins[0]?.label, bins[this.ranges - 1]?.label];
    }
}

registry.category("fields").add("crm_learned_shapes", {
    component: LearnedShapes,
    displayName: _t("What it learnt"),
    supportedTypes: ["json"],
    fieldDependencies: [{ name: "features", type: "json" }],
});
