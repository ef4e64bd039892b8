/**
 * How many leads a week reach each score, as bars beside what people can take.
 *
 * @param {{ capacity: number, rows: { score: number, week: number, each: number, marks: string[] }[] }} steps
 * @returns {{ rows: Object[], capacity: number }} rows with `width`, of the bar in percent, and `isTooMany`; `capacity`:
 *     where the bar of the capacity ends, in percent
 */
export function capacityRows({ capacity, rows }) {
    const most = Math.max(capacity, ...rows.map(({ week }) => week)) || 1;
    return {
        rows: rows.map((row) => ({ ...row, width: (100 * row.week) / most, isTooMany: row.week > capacity })),
        capacity: (100 * capacity) / most,
    };
}
