const SCORES = [1, 2, 3, 4, 5];

/**
 * The 5 x 5 tiles of recency and frequency, highest recency first.
 *
 * @param {{ r: number, f: number, segment_id: number|false, count: number, revenue: number }[]} cells
 * @param {"count"|"revenue"} measure what the size of a tile stands for
 * @returns {{ r: number, tiles: { r, f, count, revenue, share, size, segmentIds }[] }[]} `share` of the whole in
 *     percent, `size` the side of the tile in percent of its place (its area is in proportion), `segmentIds` with the
 *     segment of most customers first
 */
export function scoreTiles(cells, measure) {
    const tiles = new Map();
    for (const cell of cells) {
        const key = `${cell.r}${cell.f}`;
        tiles.set(key, [...(tiles.get(key) ?? []), cell]);
    }
    // A tile that lost money takes nothing from the shares of others.
    const values = [...tiles.values()].map((parts) => Math.max(sum(parts, measure), 0));
    const total = values.reduce((all, value) => all + value, 0);
    const most = Math.max(...values, 0);
    return SCORES.toReversed().map((r) => ({
        r,
        tiles: SCORES.map((f) => {
            const parts = (tiles.get(`${r}${f}`) ?? []).toSorted((a, b) => b.count - a.count);
            const value = Math.max(sum(parts, measure), 0);
            return {
                r,
                f,
                count: sum(parts, "count"),
                revenue: sum(parts, "revenue"),
                share: total > 0 ? (100 * value) / total : 0,
                size: most > 0 ? 100 * Math.sqrt(value / most) : 0,
                segmentIds: parts.map(({ segment_id }) => segment_id),
            };
        }),
    }));
}

/**
 * Customers and revenue of each segment.
 *
 * @returns {Map<number|false, { count: number, revenue: number }>}
 */
export function segmentSums(cells) {
    const sums = new Map();
    for (const { segment_id, count, revenue } of cells) {
        const found = sums.get(segment_id) ?? { count: 0, revenue: 0 };
        sums.set(segment_id, { count: found.count + count, revenue: found.revenue + revenue });
    }
    return sums;
}

/**
 * A share as whole percent; what is more than nothing never reads as nothing.
 *
 * @param {number} share in percent
 * @returns {string}
 */
export function percentText(share) {
    return share > 0 && share < 0.5 ? "<1%" : `${Math.round(share)}%`;
}

function sum(cells, measure) {
    return cells.reduce((total, cell) => total + cell[measure], 0);
}
