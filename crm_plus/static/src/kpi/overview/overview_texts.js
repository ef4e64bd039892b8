import { numberText } from "@crm_plus/shared/texts";
import { formatCurrency } from "@web/core/currency";
import { formatPercentage } from "@web/views/fields/formatters";

// Percent below which a change is none.
const SMALLEST = 0.05;

/**
 * The value of a figure as the user's language writes it.
 *
 * @param {{ unit: "count"|"money"|"percent"|"points"|"hours" }} figure
 * @param {number|false} value
 * @param {number} currencyId
 * @returns {string} a dash where there is nothing to say
 */
export function figureText({ unit }, value, currencyId) {
    if (value === false || value === null) {
        return "–";
    }
    if (unit === "money") {
        return formatCurrency(value, currencyId, { humanReadable: Math.abs(value) >= 10_000 });
    }
    if (unit === "percent") {
        return formatPercentage(value / 100, { digits: [16, 1] });
    }
    return numberText(value, unit === "hours" ? 1 : 0);
}

/**
 * A change in percent, with its sign.
 *
 * @param {number|null} change
 * @returns {string} empty without a change
 */
export function changeText(change) {
    if (change === null || change === false) {
        return "";
    }
    if (Math.abs(change) < SMALLEST) {
        return formatPercentage(0, { digits: [16, 0] });
    }
    const share = formatPercentage(Math.abs(change) / 100, { digits: [16, Math.abs(change) < 10 ? 1 : 0] });
    return change > 0 ? `+${share}` : change < 0 ? `−${share}` : share;
}

/**
 * A change of points, with its sign.
 *
 * @param {number|null} change
 * @returns {string} empty without a change
 */
export function pointsText(change) {
    if (change === null || change === false) {
        return "";
    }
    const text = numberText(Math.abs(change), 0);
    return Math.round(change) > 0 ? `+${text}` : Math.round(change) < 0 ? `−${text}` : text;
}

/**
 * Whether a change is for the better.
 *
 * @param {{ better: number, change: number|null }} figure
 * @returns {"good"|"bad"|"even"}
 */
export function tendency({ better, change }) {
    const direction = Math.abs(change ?? 0) < SMALLEST ? 0 : Math.sign(change) * better;
    return direction > 0 ? "good" : direction < 0 ? "bad" : "even";
}

/** The names of the filters that are records, in their order, with their models. */
export const NARROWED_BY = {
    segment_id: "crm.segment",
    tier_id: "crm.tier",
    team_id: "crm.team",
    user_id: "res.users",
    country_id: "res.country",
    industry_id: "res.partner.industry",
    tag_id: "res.partner.category",
};
const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * What the address says is chosen; whatever is no filter is left out.
 *
 * @param {Object} state of the router
 * @param {{ from: string, to: string }} period when the address has none
 * @returns {Object} what the server is asked
 */
export function chosenIn(state, { from, to }) {
    const day = (value, otherwise) => (ISO_DAY.test(value ?? "") ? value : otherwise);
    const chosen = { date_from: day(state.date_from, from), date_to: day(state.date_to, to) };
    for (const name of [...Object.keys(NARROWED_BY), "company_id"]) {
        const id = Number(state[name]);
        if (Number.isInteger(id) && id > 0) {
            chosen[name] = id;
        }
    }
    return chosen.date_from <= chosen.date_to ? chosen : { ...chosen, date_from: from, date_to: to };
}
