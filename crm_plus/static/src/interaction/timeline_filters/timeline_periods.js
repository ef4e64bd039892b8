import { serializeDate } from "@web/core/l10n/dates";

/** Lengths of the periods that are offered, in days. */
export const PERIODS = [7, 30, 90, 365];

/**
 * The dates of the last `days` days, today included, and open at its end: a meeting of next week is part of it.
 *
 * @param {number} days
 * @param {luxon.DateTime} today
 * @returns {{ date_from: string, date_to: false }}
 */
export function lastDays(days, today) {
    return { date_from: serializeDate(today.minus({ days: days - 1 })), date_to: false };
}

/**
 * The values with one of them added or taken away.
 *
 * @param {Array} values
 * @param {*} value
 * @returns {Array}
 */
export function toggled(values, value) {
    return values.includes(value)
        ? values.filter((other) => other !== value)
        : [...values, value];
}
