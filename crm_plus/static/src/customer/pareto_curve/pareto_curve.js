import { Component, onWillStart } from "@odoo/owl";

import { paretoPath } from "@crm_plus/customer/pareto_curve/pareto_path";
import { percentText } from "@crm_plus/customer/score_grid/score_tiles";
import { isRtl } from "@crm_plus/shared/texts";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

const BEST = 20;

/** How much of the revenue, or of the margin where that decides, the best customers bring, and the ABC classes. */
export class ParetoCurve extends Component {
    static template = "crm_plus.ParetoCurve";
    static props = { onOpen: Function, context: { type: Object, optional: true } };

    best = BEST;
    isRtl = isRtl();

    setup() {
        this.orm = useService("orm");
        onWillStart(async () => {
            this.answer = await this.orm.call("crm.customer.profile", "pareto_curve", [], { context: this.props.context ?? {} });
            this.share = 100 * (this.answer.top_share ?? 0);
        });
    }

    get path() {
        return paretoPath(this.answer.points);
    }

    get isMargin() {
        return this.answer.by === "margin";
    }

    get headline() {
        const parts = { best: percentText(BEST), share: percentText(this.share) };
        return this.isMargin
            ? _t("The top %(best)s of customers account for %(share)s of the margin.", parts)
            : _t("The top %(best)s of customers account for %(share)s of revenue.", parts);
    }

    get classes() {
        const { classes, currency_id } = this.answer;
        return classes.map((row) => ({
            ...row,
            amount: formatCurrency(row.revenue, currency_id),
            percent: row.share === null ? "" : percentText(100 * row.share),
        }));
    }

    open(name) {
        this.props.onOpen(_t("ABC class %s", name), [["abc_class", "=", name]]);
    }
}
