/**
 * Tenths of the leads, most promising first, with what the best tenths hold together.
 *
 * @param {{ tenth: number, leads: number, won: number, lift: number }[]} tenths
 * @returns {{ rows: { tenth: number, leads: number, won: number, lift: number, width: number, wins: number }[],
 *     average: number }} `width`: of the bar in percent; `wins`: the share of all wins up to this tenth, 0 to 1;
 *     `average`: where the bar of a lift of one ends, in percent
 */
export function liftRows(tenths) {
    const highest = Math.max(...tenths.map(({ lift }) => lift), 1);
    const all = tenths.reduce((sum, { lift }) => sum + lift, 0);
    let found = 0;
    const rows = tenths.map((tenth) => {
        found += tenth.lift;
        return { ...tenth, width: (100 * tenth.lift) / highest, wins: all ? found / all : 0 };
    });
    return { rows, average: 100 / highest };
}
