import { dayText } from "@crm_plus/shared/calendar_day/calendar_day";
import { _t } from "@web/core/l10n/translation";
import { formatList } from "@web/core/l10n/utils";
import { formatInteger } from "@web/views/fields/formatters";

const SHOWN = 8;

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

/** A tier is not lost at once: what happens to customers who stay where they are. */
export function moveNote({ from_id, to_id, until }) {
    if (until) {
        return _t("keeps the tier until %s, then loses it", dayText(until));
    }
    return from_id && from_id === to_id ? _t("keeps the tier") : "";
}

/**
 * The same with a line for each of the largest moves, and with what follows for who enters a segment.
 *
 * @param {{ customers: number, moves: Object[]|false, follows?: string[] }} preview
 * @returns {string}
 */
export function movesText(preview) {
    const all = preview.moves || [];
    const lines = all.slice(0, SHOWN).map((move) => {
        const where = _t("%(old)s → %(new)s", { old: move.from, new: move.to });
        const [note, count] = [moveNote(move), formatInteger(move.count)];
        return note ? `${where} (${note}): ${count}` : `${where}: ${count}`;
    });
    if (all.length > SHOWN) {
        lines.push(_t("and %s other changes", formatInteger(all.length - SHOWN)));
    }
    if (all.length && preview.follows?.length) {
        lines.push(_t("On entering, customers get: %s.", formatList(preview.follows)));
    }
    return [movesSummary(preview), ...lines].join("\n");
}
