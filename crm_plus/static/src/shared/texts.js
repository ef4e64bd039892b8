import { localization } from "@web/core/l10n/localization";
import { formatFloat } from "@web/core/utils/numbers";
import { formatPercentage } from "@web/views/fields/formatters";

/**
 * A number as the user's language writes it; the server sends exact ones as text.
 *
 * @param {number|string} value
 * @param {number} [digits=0]
 * @returns {string}
 */
export function numberText(value, digits = 0) {
    return formatFloat(Number(value), { digits: [16, digits] });
}

/**
 * A share from 0 to 1 as whole percent.
 *
 * @param {number} share
 * @returns {string}
 */
export function shareText(share) {
    return formatPercentage(share, { digits: [16, 0] });
}

/** Whether the user's language is read from right to left. */
export function isRtl() {
    return localization.direction === "rtl";
}
