/**
 * Arithmetic of the timeline: plain data in, plain data out.
 *
 * A row is what `crm.interaction.timeline_page` returns: `{ id, date, channel_id, direction, name, ... }` with `date`
 * as the server writes it, in UTC. Rows are newest first.
 */
import { deserializeDateTime, serializeDate } from "@web/core/l10n/dates";

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
 * Consecutive rows of the same day, in the user's time zone.
 *
 * @param {Object[]} rows
 * @returns {{ key: string, date: luxon.DateTime, rows: Object[] }[]}
 */
export function groupByDay(rows) {
    const days = [];
    for (const row of rows) {
        const at = deserializeDateTime(row.date);
        const key = serializeDate(at);
        if (days.at(-1)?.key !== key) {
            days.push({ key, date: at.startOf("day"), rows: [] });
        }
        days.at(-1).rows.push(row);
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
