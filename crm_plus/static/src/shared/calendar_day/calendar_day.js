import { deserializeDate, toLocaleDateString } from "@web/core/l10n/dates";

const ISO_DAY = /\b\d{4}-\d{2}-\d{2}\b/g;

/**
 * A day as the host writes it in lists and forms: in the language and the calendar of the user, such as the solar one in
 * Persian.
 *
 * @param {string} day as the server writes it: 2026-05-12
 * @returns {string}
 */
export function dayText(day) {
    return toLocaleDateString(deserializeDate(day));
}

/**
 * The month that begins on a day. Months are counted by the server, in the calendar it knows: they have its names, in the
 * language of the user.
 *
 * @param {string} day as the server writes it: 2026-05-01
 * @returns {string} such as "May 2026"
 */
export function monthText(day) {
    return deserializeDate(day)
        .reconfigure({ outputCalendar: "gregory" })
        .toLocaleString({ month: "short", year: "numeric" });
}

/**
 * Whatever the server sent with the days in its texts written like that. It sends days as 2026-05-12 wherever they stand
 * in a sentence, because it knows one calendar only.
 *
 * @param {any} value a text, or lists and objects of texts
 * @returns {any} the same with other texts
 */
export function withDays(value) {
    if (typeof value === "string") {
        return value.replace(ISO_DAY, (day) => (deserializeDate(day).isValid ? dayText(day) : day));
    }
    if (Array.isArray(value)) {
        return value.map(withDays);
    }
    if (value && typeof value === "object") {
        return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withDays(part)]));
    }
    return value;
}
