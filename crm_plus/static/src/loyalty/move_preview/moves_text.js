import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";

/**
 * How many customers a change moves, as a sentence.
 *
 * @param {{ customers: number, moves: { count: number }[]|false }} preview as `preview_changes` of the server gives it
 * @returns {string}
 */
export function movesSummary({ customers, moves }) {
    if (moves === false) {
        return _t("Nobody would move: the current company does not use this.");
    }
    if (!customers) {
        return _t("There are no customers yet.");
    }
    const count = moves.reduce((sum, move) => sum + move.count, 0);
    const numbers = { count: formatInteger(count), customers: formatInteger(customers) };
    return count
        ? _t("This change moves %(count)s of %(customers)s customers:", numbers)
        : _t("This change moves none of %(customers)s customers.", numbers);
}
