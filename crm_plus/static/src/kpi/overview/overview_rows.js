import { changeText, figureText } from "@crm_plus/kpi/overview/overview_texts";
import { numberText, shareText } from "@crm_plus/shared/texts";
import { formatCurrency } from "@web/core/currency";

/** What stands where nothing is known. */
export const UNKNOWN = "–";

/**
 * A difference with its sign.
 *
 * @param {number} number
 * @returns {string}
 */
export function signed(number) {
    return number > 0 ? `+${numberText(number)}` : number < 0 ? `−${numberText(-number)}` : numberText(0);
}

/**
 * An amount; those that one may not read are not there.
 *
 * @param {number|false} value
 * @param {number} currencyId
 * @returns {string}
 */
export function amountText(value, currencyId) {
    return typeof value === "number" ? formatCurrency(value, currencyId) : UNKNOWN;
}

/** The rows of a `RowBars` from what the server sends, by the name of the part. */
export const ROWS = {
    segments: ({ segments, currency_id }) =>
        segments.map(({ id, name, count, before, revenue }) => ({
            key: id || 0,
            label: name,
            size: count,
            cells: [
                numberText(count),
                before === false ? UNKNOWN : signed(count - before),
                amountText(revenue, currency_id),
            ],
        })),
    funnel: ({ funnel }) =>
        funnel.map(({ key, label, count, share, days }) => ({
            key,
            label,
            size: count,
            cells: [numberText(count), share === false ? UNKNOWN : shareText(share / 100), days === false ? UNKNOWN : numberText(days, 1)],
        })),
    channels: ({ channels }) =>
        channels.map(({ id, name, in: incoming, out, none }) => ({
            key: id,
            label: name,
            size: incoming + out + none,
            cells: [numberText(out), numberText(incoming)],
        })),
    grades: ({ grades }) =>
        grades.map(({ grade, closed, won, rate }) => ({
            key: grade,
            label: grade,
            size: rate || 0,
            cells: [numberText(closed), numberText(won), rate === false ? UNKNOWN : shareText(rate / 100)],
        })),
};

/**
 * Rows of messages that ask for an answer.
 *
 * @param {Object[]} messages
 * @returns {Object[]}
 */
export function answerRows(messages) {
    return messages.map(({ key, label, asked, answered, hours }) => ({
        key,
        label,
        size: hours || 0,
        cells: [
            numberText(asked),
            shareText(asked ? answered / asked : 0),
            hours === false ? UNKNOWN : numberText(hours, 1),
        ],
    }));
}

/**
 * Rows of the ways by which leads came: how many of them came to each step.
 *
 * @param {Object[]} ways
 * @returns {Object[]}
 */
export function wayRows(ways) {
    return ways.map(({ key, label, counts: [leads, ...further], days }) => ({
        key,
        label,
        size: leads,
        cells: [
            numberText(leads),
            ...further.map((count) => shareText(leads ? count / leads : 0)),
            days === false ? UNKNOWN : numberText(days, 1),
        ],
    }));
}

/**
 * Rows of a report of another module: a value for each of its heads.
 *
 * @param {{ heads: Object[], rows: Object[], currency_id: number }} card
 * @returns {Object[]}
 */
export function reportRows({ heads, rows, currency_id: currencyId }) {
    return rows.map(({ key, label, values }) => ({
        key,
        label,
        size: Math.max(0, values[0] || 0),
        cells: values.map((value, index) => figureText(heads[index], value, currencyId)),
    }));
}

/**
 * How strong a cell of a row is, from 0 to 1: its part of the largest cell of the table.
 *
 * @param {number} value
 * @param {{ cells: number[] }[]} rows
 * @returns {number}
 */
export function strength(value, rows) {
    const largest = Math.max(0, ...rows.flatMap(({ cells }) => cells));
    return largest && value > 0 ? value / largest : 0;
}

/**
 * Rows of what has changed since the installation.
 *
 * @param {Object[]} rows
 * @param {number} currencyId
 * @returns {Object[]}
 */
export function effortRows(rows, currencyId) {
    return rows.map((row) => ({
        key: row.code,
        label: row.label,
        why: row.why,
        size: 0,
        cells: [
            figureText(row, row.then, currencyId),
            figureText(row, row.now, currencyId),
            changeText(row.change) || UNKNOWN,
        ],
    }));
}

/**
 * The same of each segment, each number before and since.
 *
 * @param {Object[]} segments
 * @param {number} currencyId
 * @returns {Object[]}
 */
export function effortSegments(segments, currencyId) {
    const both = (then, now, unit) =>
        `${figureText({ unit }, then, currencyId)} → ${figureText({ unit }, now, currencyId)}`;
    return segments.map(({ id, name, then, now, ...row }) => ({
        key: id,
        label: name,
        size: now.revenue || 0,
        cells: [
            both(then.customers, now.customers, "count"),
            both(then.retention, now.retention, "percent"),
            both(then.revenue, now.revenue, "money"),
            both(then.each, now.each, "money"),
            both(then.value, now.value, "money"),
            both(then.cost, now.cost, "money"),
            changeText(row.return) || UNKNOWN,
        ],
    }));
}
