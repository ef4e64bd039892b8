import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";

import { dayText, monthText } from "@crm_plus/shared/calendar_day/calendar_day";
import { CountedAt } from "@crm_plus/shared/counted_at/counted_at";
import { ExportButton } from "@crm_plus/shared/export_button/export_button";
import { LoadFailed, tried } from "@crm_plus/shared/load_failed/load_failed";
import { Waiting } from "@crm_plus/shared/waiting/waiting";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";

/** Of the customers who first ordered in a month, how many ordered again so many months later. */
export class RetentionTable extends Component {
    static template = "crm_plus.RetentionTable";
    static components = { CountedAt, ExportButton, LoadFailed, Waiting };
    static props = { context: { type: Object, optional: true }, narrowed: { type: Object, optional: true } };
    static defaultProps = { context: {}, narrowed: {} };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.answers = new KeepLast();
        this.spans = [12, 24, 36];
        this.state = useState({ span: 12, measure: "customers", cohorts: [], currencyId: false, repeatRate: 0, counted: false, kept: false, isFailed: false, isLoading: true });
        this.retry = () => this.load(this.state.span);
        onWillStart(() => {
            this.retry(); // what stands beside it does not wait
        });
        onWillUpdateProps((props) => {
            if (JSON.stringify(props) !== JSON.stringify(this.props)) {
                this.load(this.state.span, props);
            }
        });
    }

    get asked() {
        const [company] = this.props.context.allowed_company_ids ?? [];
        return { months: this.state.span, ...this.props.narrowed, ...(company ? { company_id: company } : {}) };
    }

    get isNarrowed() {
        return Object.keys(this.props.narrowed).length > 0;
    }

    get months() {
        return [...Array(Math.max(0, ...this.state.cohorts.map(({ active }) => active.length))).keys()];
    }

    get repeatText() {
        const rate = `${this.state.repeatRate}%`;
        return this.isNarrowed
            ? _t("%s of the customers that the filters leave ordered on more than one day.", rate)
            : _t("%s of all customers ordered on more than one day.", rate);
    }

    get countedText() {
        return this.isNarrowed
            ? _t("Of the customers that the filters leave today.")
            : _t("Updated weekly, last on %s.", dayText(this.state.counted));
    }

    /** Again: not what is kept from some minutes ago. */
    async load(span, { context, narrowed } = this.props, again = false) {
        Object.assign(this.state, { span, isLoading: true });
        const call = this.orm.silent.call("crm.customer.cohort", "get_retention", [span, narrowed], again ? { context, again } : { context });
        const { answer, isFailed } = await tried(this.answers.add(call));
        const { cohorts = [], repeat_rate: repeatRate = 0, counted = false, kept = false, currency_id: currencyId } = answer ?? {};
        Object.assign(this.state, { cohorts, repeatRate: repeatRate ?? 0, counted, kept, currencyId, isFailed, isLoading: false });
    }

    monthLabel(month) {
        return month === 1 ? _t("1 month later") : _t("%s months later", month);
    }

    name(cohort) {
        return monthText(cohort.start);
    }

    /** Whether the user may read what the customers brought. */
    get knowsRevenue() {
        return this.state.cohorts.some(({ revenue }) => revenue);
    }

    get isRevenue() {
        return this.state.measure === "revenue" && this.knowsRevenue;
    }

    /** Percent of the first month: of the customers, or of what they brought. */
    percent(cohort, month) {
        if (!this.isRevenue) {
            return cohort.retention[month];
        }
        const [first] = cohort.revenue;
        return first > 0 ? (100 * cohort.revenue[month]) / first : 0;
    }

    /** The first month is 100% by nature: the shades are for what comes after. */
    shade(cohort, month) {
        const strength = month ? Math.min(1, Math.max(0, this.percent(cohort, month) / 100)) : 0;
        return `background-color: rgba(var(--primary-rgb, 113, 75, 103), ${(0.75 * strength).toFixed(2)})`;
    }

    isDark(cohort, month) {
        return month && this.percent(cohort, month) > 65;
    }

    /** The month that is not over yet, or was not when the cohorts were counted. */
    isRunning(cohort, month) {
        return month > 0 && month === cohort.active.length - 1;
    }

    label(cohort, month) {
        if (this.isRevenue) {
            const amount = (value) => formatCurrency(value, this.state.currencyId);
            const brought = { now: amount(cohort.revenue[month]), first: amount(cohort.revenue[0]) };
            return this.isRunning(cohort, month)
                ? _t("%(now)s so far, after %(first)s in the first month: the month is not over", brought)
                : _t("%(now)s, after %(first)s in the first month", brought);
        }
        const numbers = { count: cohort.active[month], size: cohort.size };
        return this.isRunning(cohort, month)
            ? _t("%(count)s of %(size)s customers so far: the month is not over", numbers)
            : _t("%(count)s of %(size)s customers", numbers);
    }

    /** What a screen reader says of a cell: the percentage, of how many, how much later. */
    cellLabel(cohort, month) {
        return `${Math.round(this.percent(cohort, month))}%, ${this.monthLabel(month)}: ${this.label(cohort, month)}`;
    }

    /** The customers of a month of first orders; of those, the ones who ordered so many months later. */
    async open(cohort, month) {
        const { context, narrowed } = this.props;
        const asked = [cohort.start, month, narrowed];
        const action = await this.orm.call("crm.customer.cohort", "action_open_customers", asked, { context });
        const name = month
            ? _t("First order in %(month)s, ordered %(later)s", { month: this.name(cohort), later: this.monthLabel(month) })
            : _t("First order in %s", this.name(cohort));
        return this.action.doAction({ ...action, name, context: { ...action.context, ...context } });
    }
}
