import { Component, useState } from "@odoo/owl";

import { ContributionBars } from "@crm_plus/prediction/contribution_bars/contribution_bars";
import { shapeLine, withShares } from "@crm_plus/prediction/learned_shapes/shape_line";
import { shareText } from "@crm_plus/shared/texts";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** What a version learned: how much each field counts, and what each of its values does. */
export class LearnedShapes extends Component {
    static template = "crm_plus.LearnedShapes";
    static components = { ContributionBars };
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ chosen: 0 });
    }

    get shapes() {
        return withShares(this.props.record.data[this.props.name] || []).map((shape) => ({
            ...shape,
            shareText: shareText(shape.share),
        }));
    }

    get chosen() {
        const { shapes } = this;
        return shapes[Math.min(this.state.chosen, shapes.length - 1)];
    }

    /** The line over the ranges of a number; leads without one are in the table only. */
    get line() {
        const { bins, ranges } = this.chosen;
        return shapeLine(bins.slice(0, ranges).map(({ points }) => points));
    }

    get rows() {
        return this.chosen.bins.map(({ label, points, leads }) => ({
            label,
            points,
            detail: leads === 1 ? _t("1 lead") : _t("%s leads", leads),
        }));
    }

    get ends() {
        const { bins, ranges } = this.chosen;
        return [bins[0].label, bins[ranges - 1].label];
    }
}

registry.category("fields").add("crm_learned_shapes", {
    component: LearnedShapes,
    displayName: _t("What it learned"),
    supportedTypes: ["json"],
});
