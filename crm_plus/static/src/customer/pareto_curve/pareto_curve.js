import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";

import { paretoPath } from "@crm_plus/customer/pareto_curve/pareto_path";
import { percentText } from "@crm_plus/customer/score_grid/score_tiles";
import { CountedAt } from "@crm_plus/shared/counted_at/counted_at";
import { LoadFailed, tried } from "@crm_plus/shared/load_failed/load_failed";
import { isRtl } from "@crm_plus/shared/texts";
import { Waiting } from "@crm_plus/shared/waiting/waiting";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";

const BEST = 20;

/** How much of the revenue, or of the margin where that decides, the best customers bring, and the ABC classes. */
export class ParetoCurve extends Component {
    static template = "crm_plus.ParetoCurve";
    static components = { CountedAt, LoadFailed, Waiting };
    static props = { context: { type: Object, optional: true }, narrowed: { type: Object, optional: true } };
    static defaultProps = { context: {}, narrowed: {} };

    best = BEST;
    isRtl = isRtl();

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.answers = new KeepLast();
        this.state = useState({ answer: null, isFailed: false, isLoading: true });
        this.retry = () => this.load();
        onWillStart(() => {
            this.load(); // what stands beside it does not wait
        });
        onWillUpdateProps((props) => {
            if (JSON.stringify(props) !== JSON.stringify(this.props)) {
                this.load(props);
            }
        });
    }

    /** Again: not what is kept from some minutes ago. */
    async load({ context, narrowed } = this.props, again = false) {
        this.state.isLoading = true;
        const asked = again ? { context, again } : { context };
        const call = this.orm.silent.call("crm.customer.profile", "pareto_curve", [narrowed], asked);
        const { answer, isFailed } = await tried(this.answers.add(call));
        Object.assign(this.state, { answer, isFailed, isLoading: false });
    }

    get answer() {
        return this.state.answer;
    }

    get share() {
        return 100 * (this.answer.top_share ?? 0);
    }

    get isNarrowed() {
        return Object.keys(this.props.narrowed).length > 0;
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

    /** The customers of an ABC class, or the best of all. */
    async open(key, name) {
        const { context, narrowed } = this.props;
        const action = await this.orm.call("crm.customer.profile", "action_open_concentration", [key, narrowed], { context });
        return this.action.doAction({ ...action, name, context: { ...action.context, ...context } });
    }

    openClass(name) {
        return this.open(name, _t("ABC class %s", name));
    }

    openBest() {
        return this.open("best", _t("The top %s of customers", percentText(BEST)));
    }
}
