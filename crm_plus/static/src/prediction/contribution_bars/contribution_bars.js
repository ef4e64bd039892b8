import { Component } from "@odoo/owl";

import { divergingBars, effectStep, oddsFactor } from "@crm_plus/prediction/contribution_bars/contribution_scale";
import { numberText } from "@crm_plus/shared/texts";
import { _t } from "@web/core/l10n/translation";

const EFFECTS = {
    "-3": _t("lowers it strongly"),
    "-2": _t("lowers it"),
    "-1": _t("lowers it slightly"),
    0: _t("changes nothing"),
    1: _t("raises it slightly"),
    2: _t("raises it"),
    3: _t("raises it strongly"),
};

/** What raises and what lowers a prediction: a bar to either side of the middle, and the same in words. */
export class ContributionBars extends Component {
    static template = "crm_plus.ContributionBars";
    static props = {
        caption: String,
        rows: {
            type: Array,
            element: { type: Object, shape: { label: String, detail: { type: String, optional: true }, points: Number } },
        },
    };

    get rows() {
        const bars = divergingBars(this.props.rows.map(({ points }) => points));
        return this.props.rows.map((row, index) => ({
            ...row,
            ...bars[index],
            direction: row.points < 0 ? "o_lowers" : "o_raises",
            sign: row.points < 0 ? "fa-caret-down" : "fa-caret-up",
            words: EFFECTS[effectStep(row.points)],
            odds: _t("Odds of winning × %s", numberText(oddsFactor(row.points), 2)),
        }));
    }
}
