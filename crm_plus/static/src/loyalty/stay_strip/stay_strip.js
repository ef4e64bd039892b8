import { Component } from "@odoo/owl";

import { dayText, withDays } from "@crm_plus/shared/calendar_day/calendar_day";
import { Why } from "@crm_plus/shared/why/why";
import { deserializeDate } from "@web/core/l10n/dates";

/** Days from the first to the last; on the same day none. */
export function daysBetween(first, last) {
    return Math.max(Math.round(deserializeDate(last).diff(deserializeDate(first), "days").days), 0);
}

/**
 * The parts of a strip from the day `from` to the day `to`: the stays, oldest first, and the gaps between them.
 *
 * @param {Array<{ from: string, to: string|false }>} stays
 * @returns {Array<{ days: number, stay: Object|null }>} what lasted no day has one, so that it is seen
 */
export function stripParts(stays, from, to) {
    const parts = [];
    let reached = from;
    for (const stay of stays) {
        if (stay.from > reached) {
            parts.push({ days: daysBetween(reached, stay.from), stay: null });
        }
        parts.push({ days: Math.max(daysBetween(stay.from, stay.to || to), 1), stay });
        reached = stay.to || to;
    }
    if (reached < to) {
        parts.push({ days: daysBetween(reached, to), stay: null });
    }
    return parts;
}

/** Where a customer was and when, a strip for segments and one for tiers on one scale. A click asks for that day. */
export class StayStrip extends Component {
    static template = "crm_plus.StayStrip";
    static components = { Why };
    static props = { history: Object, onDay: Function };

    get rows() {
        const { from, to, rows } = this.props.history;
        return rows.map((row) => ({ ...row, parts: stripParts(row.stays, from, to) }));
    }

    get firstText() {
        return dayText(this.props.history.from);
    }

    get lastText() {
        return dayText(this.props.history.to);
    }

    get hasReplayed() {
        return this.props.history.rows.some((row) => row.stays.some((stay) => stay.replayed));
    }

    lines(stay) {
        return withDays([stay.name, ...stay.why]);
    }
}
