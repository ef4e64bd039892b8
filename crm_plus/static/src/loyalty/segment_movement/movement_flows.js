/** The key of "nowhere": not a customer yet, or no customer any more. */
export const NOWHERE = 0;

/**
 * The matrix of moves between segments.
 *
 * @param {{ from_id: number|false, to_id: number|false, count: number }[]} flows
 * @param {number[]} order ids of the segments in the order they are shown in
 * @returns {{ rows: number[], columns: number[], counts: Map<string, number>, moved: number, stayed: number }} keys of
 *     `counts` are "from:to"; nowhere comes last; rows and columns without anybody are left out
 */
export function movementMatrix(flows, order) {
    const counts = new Map();
    let moved = 0;
    let stayed = 0;
    for (const { from_id, to_id, count } of flows) {
        counts.set(`${from_id || NOWHERE}:${to_id || NOWHERE}`, count);
        if (from_id === to_id) {
            stayed += count;
        } else if (from_id && to_id) {
            moved += count;
        }
    }
    const ids = [...order, NOWHERE];
    return {
        rows: ids.filter((id) => flows.some(({ from_id }) => (from_id || NOWHERE) === id)),
        columns: ids.filter((id) => flows.some(({ to_id }) => (to_id || NOWHERE) === id)),
        counts,
        moved,
        stayed,
    };
}

/**
 * Bands between two columns of blocks, in a box of 100 x 100.
 *
 * @param {ReturnType<typeof movementMatrix>} matrix
 * @param {{ gap?: number, withStayed?: boolean }} [options] `gap` between blocks: a line of text fits where one is thin
 * @returns {{ left: Block[], right: Block[], bands: { key, from, to, count, path }[] }} a block is
 *     `{ id, count, y, height }`; the heights of bands and blocks are in proportion to the customers
 */
export function movementBands({ rows, columns, counts }, { gap = 3.2, withStayed = false } = {}) {
    const shown = (from, to) => (withStayed || from !== to ? counts.get(`${from}:${to}`) ?? 0 : 0);
    const total = rows.reduce((sum, from) => sum + columns.reduce((part, to) => part + shown(from, to), 0), 0);
    const sideOf = (ids, count) => ids.map((id) => ({ id, count: count(id) })).filter(({ count: c }) => c);
    const left = sideOf(rows, (from) => columns.reduce((sum, to) => sum + shown(from, to), 0));
    const right = sideOf(columns, (to) => rows.reduce((sum, from) => sum + shown(from, to), 0));
    const unit = Math.max(100 - gap * (Math.max(left.length, right.length) - 1), 10) / (total || 1);
    for (const side of [left, right]) {
        let y = 0;
        for (const block of side) {
            Object.assign(block, { y, height: block.count * unit, used: 0 });
            y += block.height + gap;
        }
    }
    const bands = [];
    for (const from of left) {
        for (const to of right) {
            const count = shown(from.id, to.id);
            if (count) {
                const height = count * unit;
                const path = bandPath(from.y + from.used, to.y + to.used, height);
                bands.push({ key: `${from.id}:${to.id}`, from: from.id, to: to.id, count, path });
                from.used += height;
                to.used += height;
            }
        }
    }
    return { left, right, bands };
}

function bandPath(start, end, height) {
    return (
        `M0,${start} C50,${start} 50,${end} 100,${end} L100,${end + height} ` +
        `C50,${end + height} 50,${start + height} 0,${start + height} Z`
    );
}
