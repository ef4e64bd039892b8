/**
 * Arithmetic of the timeline: plain data in, plain data out.
 *
 * A row is what `crm.interaction.timeline_page` returns: `{ id, date, channel_id, direction, name, ... }` with `date`
 * as the server writes it, in UTC; `day` is set of what is known to the day only. Rows are newest first.
 */
import { deserializeDate, deserializeDateTime, serializeDate } from "@web/core/l10n/dates";

/**
 * Rows of the next page after those already shown. A row that slid onto the next page, because something newer
 * arrived in between, is shown once.
 *
 * @param {Object[]} rows
 * @param {Object[]} nextRows
 * @returns {Object[]}
 */
export function mergePages(rows, nextRows) {
    const shown = new Set(rows.map((row) => row.id));
    return rows.concat(nextRows.filter((row) => !shown.has(row.id)));
}

/**
 * When a row was: its moment in the user's time zone, or the beginning of its day.
 *
 * @param {Object} row
 * @returns {luxon.DateTime}
 */
export function momentOf(row) {
    return row.day ? deserializeDate(row.day) : deserializeDateTime(row.date);
}

/**
 * Rows by day, in the user's time zone. A day is the same day everywhere: what is known to the day only comes after
 * what has a time, since it must not stand above something that may have come later.
 *
 * @param {Object[]} rows
 * @returns {{ key: string, date: luxon.DateTime, rows: Object[] }[]}
 */
export function groupByDay(rows) {
    const byKey = new Map();
    for (const row of rows) {
        const at = momentOf(row);
        const key = serializeDate(at);
        if (!byKey.has(key)) {
            byKey.set(key, { key, date: at.startOf("day"), rows: [] });
        }
        byKey.get(key).rows.push(row);
    }
    const days = [...byKey.values()].sort((one, other) => other.date - one.date);
    for (const day of days) {
        day.rows = day.rows.filter((row) => !row.day).concat(day.rows.filter((row) => row.day));
    }
    return days;
}

/**
 * Filters without the empty ones, as the server takes them.
 *
 * @param {Object} filters
 * @returns {Object}
 */
export function activeFilters(filters) {
    return Object.fromEntries(
        Object.entries(filters).filter(([, value]) =>
            Array.isArray(value) ? value.length : Boolean(value)
        )
    );
}

/**
 * Filters that decide the summary: the strip shows the whole year, whatever period is selected in it.
 *
 * @param {Object} filters
 * @returns {Object}
 */
export function summaryFilters(filters) {
    return activeFilters({ ...filters, date_from: false, date_to: false });
}

/** Filters that show everything. */
export function noFilters() {
    return {
        channel_ids: [],
        direction: false,
        partner_ids: [],
        user_ids: [],
        date_from: false,
        date_to: false,
        search: "",
    };
}
