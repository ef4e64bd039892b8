import { Component } from "@odoo/owl";

import { isOff, reliabilityPoints } from "@crm_plus/prediction/reliability_curve/reliability_points";
import { shareText } from "@crm_plus/shared/texts";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Whether probabilities come true: leads of similar probability, and the share of them that was won. */
export class ReliabilityCurve extends Component {
    static template = "crm_plus.ReliabilityCurve";
    static props = { ...standardFieldProps };

    get bins() {
        const bins = this.props.record.data[this.props.name]?.reliability ?? [];
        const { line, dots } = reliabilityPoints(bins);
        return {
            line,
            rows: bins.map((bin, index) => ({
                ...bin,
                dot: dots[index],
                isOff: isOff(bin),
                isTooHigh: bin.predicted > bin.high,
                predictedText: this.percent(bin.predicted),
                wonText: this.percent(bin.won),
                rangeText: _t("%(low)s to %(high)s", { low: this.percent(bin.low), high: this.percent(bin.high) }),
                title: _t("%(leads)s leads: %(predicted)s predicted, %(won)s won", {
                    leads: bin.leads,
                    predicted: this.percent(bin.predicted),
                    won: this.percent(bin.won),
                }),
            })),
        };
    }

    percent(share) {
        return shareText(share);
    }
}

registry.category("fields").add("crm_reliability_curve", {
    component: ReliabilityCurve,
    displayName: _t("Reliability curve"),
    supportedTypes: ["json"],
});
