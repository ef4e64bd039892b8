import { Component, onWillStart, useState } from "@odoo/owl";

import { monthText } from "@crm_plus/calendar_day/calendar_day";
import { deserializeDate, serializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";

/** Of the customers who first ordered in a month, how many ordered again so many months later. */
export class RetentionTable extends Component {
    static template = "crm_plus.RetentionTable";
    static props = { onOpen: Function };

    setup() {
        this.orm = useService("orm");
        this.answers = new KeepLast();
        this.spans = [12, 24, 36];
        this.state = useState({ span: 12, cohorts: [], repeatRate: 0 });
        onWillStart(() => this.load(12));
    }

    get months() {
        return [...Array(Math.max(0, ...this.state.cohorts.map(({ active }) => active.length))).keys()];
    }

    get repeatText() {
        return _t("%s of all customers ordered on more than one day.", `${this.state.repeatRate} %`);
    }

    async load(span) {
        const answer = await this.answers.add(this.orm.call("crm.customer.cohort", "get_retention", [span]));
        Object.assign(this.state, { span, cohorts: answer.cohorts, repeatRate: answer.repeat_rate ?? 0 });
    }

    monthLabel(month) {
        return month === 1 ? _t("1 month later") : _t("%s months later", month);
    }

    name(cohort) {
        return monthText(cohort.start);
    }

    /** The first month is 100 % by nature: the shades are for what comes after. */
    shade(cohort, month) {
        const strength = month ? cohort.retention[month] / 100 : 0;
        return `background-color: rgba(var(--primary-rgb, 113, 75, 103), ${(0.75 * strength).toFixed(2)})`;
    }

    isDark(cohort, month) {
        return month && cohort.retention[month] > 65;
    }

    label(cohort, month) {
        return _t("%(count)s of %(size)s customers", { count: cohort.active[month], size: cohort.size });
    }

    open(cohort) {
        const start = deserializeDate(cohort.start);
        this.props.onOpen(_t("First order in %s", this.name(cohort)), [
            ["first_order_date", ">=", serializeDateTime(start)],
            ["first_order_date", "<", serializeDateTime(start.plus({ months: 1 }))],
        ]);
    }
}
