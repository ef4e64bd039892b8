import { Component } from "@odoo/owl";

import { monthText } from "@crm_plus/shared/calendar_day/calendar_day";
import { sparkBars } from "@crm_plus/customer/spark_bars/spark_scale";
import { isRtl } from "@crm_plus/shared/texts";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";

/** Revenue per month as small bars; each says its month and amount. */
export class SparkBars extends Component {
    static template = "crm_plus.SparkBars";
    static props = {
        months: { type: Array, element: { type: Object, shape: { month: String, amount: Number } } },
        currencyId: Number,
    };

    isRtl = isRtl();

    get chart() {
        const { months, currencyId } = this.props;
        const { baseline, bars } = sparkBars(months.map(({ amount }) => amount));
        return {
            baseline,
            bars: bars.map((bar, index) => ({
                ...bar,
                key: months[index].month,
                isNegative: months[index].amount < 0,
                title: `${monthText(months[index].month)}: ${formatCurrency(months[index].amount, currencyId)}`,
            })),
        };
    }

    get label() {
        const { months, currencyId } = this.props;
        const total = months.reduce((sum, { amount }) => sum + amount, 0);
        return _t("Revenue per month over %(count)s months: %(total)s in all", {
            count: months.length,
            total: formatCurrency(total, currencyId),
        });
    }
}
