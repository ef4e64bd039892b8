const TOP = 5;

/**
 * Which boxes of scores own each cell of the 5 x 5 x 5 cube.
 *
 * @param {{ r: [number, number], f: [number, number], m: [number, number], owner: any }[]} boxes both ends of each
 *     range belong to the box
 * @returns {{ cells: Record<string, any[]>, gaps: string[], overlaps: string[] }} keys are the scores, such as "543";
 *     two boxes of one owner overlap as well
 */
export function coverOf(boxes) {
    const cells = {};
    for (let r = 1; r <= TOP; r++) {
        for (let f = 1; f <= TOP; f++) {
            for (let m = 1; m <= TOP; m++) {
                cells[`${r}${f}${m}`] = boxes
                    .filter((box) => within(r, box.r) && within(f, box.f) && within(m, box.m))
                    .map((box) => box.owner);
            }
        }
    }
    const keys = Object.keys(cells);
    return {
        cells,
        gaps: keys.filter((key) => !cells[key].length),
        overlaps: keys.filter((key) => cells[key].length > 1),
    };
}

function within(score, [low, high]) {
    return low <= score && score <= high;
}
