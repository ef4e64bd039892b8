import { Component, onWillStart, useState } from "@odoo/owl";

import { dayText } from "@crm_plus/shared/calendar_day/calendar_day";
import { ExportButton } from "@crm_plus/shared/export_button/export_button";
import { LoadFailed, tried } from "@crm_plus/shared/load_failed/load_failed";
import { NOWHERE, movementBands, movementMatrix } from "@crm_plus/loyalty/segment_movement/movement_flows";
import { isRtl } from "@crm_plus/shared/texts";
import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { serializeDate, today } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";

/** Where customers came from and went to between two days: a picture and a table. */
export class SegmentMovement extends Component {
    static template = "crm_plus.SegmentMovement";
    static components = { DateTimeInput, ExportButton, LoadFailed };
    static props = {};

    isRtl = isRtl();

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.answers = new KeepLast();
        this.periods = [
            { days: 30, name: _t("30 days") },
            { days: 90, name: _t("90 days") },
            { days: 365, name: _t("1 year") },
        ];
        this.state = useState({
            from: today().minus({ days: 30 }),
            to: today(),
            withStayed: false,
            answer: null,
            isFailed: false,
        });
        this.load = this.load.bind(this);
        onWillStart(this.load);
    }

    /** The length of the period that ends today, if it does. */
    get days() {
        const { from, to } = this.state;
        return to.hasSame(today(), "day") ? Math.round(to.diff(from, "days").days) : 0;
    }

    get matrix() {
        const { flows, segments } = this.state.answer;
        return movementMatrix(
            flows,
            segments.map(({ id }) => id)
        );
    }

    get asked() {
        return { date_from: serializeDate(this.state.from), date_to: serializeDate(this.state.to) };
    }

    get summary() {
        const { moved, stayed } = this.matrix;
        return _t("Changed segment: %(moved)s. Stayed: %(stayed)s.", { moved, stayed });
    }

    get bands() {
        return movementBands(this.matrix, { withStayed: this.state.withStayed });
    }

    /** First day that anything is known of, when the period begins before it. */
    get sinceText() {
        const { since } = this.state.answer;
        if (!since || since <= serializeDate(this.state.from)) {
            return "";
        }
        return _t("Segments have been recorded since %s. Nobody was in one before that date.", dayText(since));
    }

    segment(id, isBefore) {
        const nowhere = { name: isBefore ? _t("Not a customer yet") : _t("No longer a customer"), color: 0 };
        return id === NOWHERE ? nowhere : this.state.answer.segments.find((segment) => segment.id === id);
    }

    flowLabel(from, to, count) {
        const names = { from: this.segment(from, true).name, to: this.segment(to, false).name };
        return _t("%(from)s → %(to)s, customers: %(count)s", { count, ...names });
    }

    count(from, to) {
        return this.matrix.counts.get(`${from}:${to}`) ?? 0;
    }

    async load() {
        const { from, to } = this.state;
        const days = [serializeDate(from), serializeDate(to)];
        const { answer, isFailed } = await tried(
            this.answers.add(this.orm.silent.call("crm.segment.membership", "movement", days))
        );
        Object.assign(this.state, { answer, isFailed });
    }

    setPeriod(days) {
        Object.assign(this.state, { from: today().minus({ days }), to: today() });
        return this.load();
    }

    /** The other day follows when the two would be the wrong way round. */
    setDay(name, day) {
        if (!day) {
            return;
        }
        this.state[name] = day;
        if (this.state.from > this.state.to) {
            Object.assign(this.state, { from: day, to: day });
        }
        return this.load();
    }

    /** The customers who went that way; who is no customer any more is shown by the last stay. */
    async open(from, to) {
        const name = this.flowLabel(from, to, this.count(from, to));
        const days = [serializeDate(this.state.from), serializeDate(this.state.to)];
        const places = [from, to].map((id) => (id === NOWHERE ? false : id));
        const moved = await this.orm.call("crm.segment.membership", "action_moved", [name, ...days, ...places]);
        return this.action.doAction(moved);
    }
}
