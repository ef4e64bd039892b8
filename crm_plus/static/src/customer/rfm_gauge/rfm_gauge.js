import { Component } from "@odoo/owl";

import { Why } from "@crm_plus/shared/why/why";
import { _t } from "@web/core/l10n/translation";

/** Recency, frequency and revenue, each as five steps; what is behind them is in the explanation. */
export class RfmGauge extends Component {
    static template = "crm_plus.RfmGauge";
    static components = { Why };
    static props = {
        scores: {
            type: Array,
            element: {
                type: Object,
                shape: { key: String, label: String, score: Number, value: String, why: Array },
            },
        },
    };

    steps = [1, 2, 3, 4, 5];

    label(part) {
        return _t("%(name)s: %(score)s of 5, %(value)s", { name: part.label, score: part.score, value: part.value });
    }
}
