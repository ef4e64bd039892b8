/**
 * Moves between grades, the largest first, each with whether the lead gets better.
 *
 * @param {[string, string, number][]} moves grade before, grade after, leads
 * @returns {{ from: string, to: string, leads: number, isBetter: boolean | null }[]} `isBetter` is null when one half
 *     of the grade rises and the other falls
 */
export function sortedMoves(moves) {
    return moves
        .map(([from, to, leads]) => ({ from, to, leads, isBetter: isBetter(from, to) }))
        .sort((a, b) => b.leads - a.leads || a.from.localeCompare(b.from) || a.to.localeCompare(b.to));
}

function isBetter(from, to) {
    const letter = from.charCodeAt(0) - to.charCodeAt(0);
    const digit = from.charCodeAt(1) - to.charCodeAt(1);
    return letter * digit < 0 ? null : letter + digit > 0;
}
