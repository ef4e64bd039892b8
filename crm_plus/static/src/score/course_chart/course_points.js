import { scale, stepPath } from "@crm_plus/shared/chart_scale/chart_scale";
import { deserializeDate } from "@web/core/l10n/dates";

const DAY = 24 * 3600 * 1000;

/**
 * The course of a score from 0 to 100 in a box of 100 x `height`: it keeps its height until it changes, up to today.
 *
 * @param {{ date: string, score: number }[]} rows oldest first
 * @param {luxon.DateTime} today
 * @param {number} [height=24]
 * @returns {{ line: string, area: string, dots: { x: number, y: number }[] }}
 */
export function coursePoints(rows, today, height = 24) {
    if (!rows.length) {
        return { line: "", area: "", dots: [] };
    }
    const days = rows.map(({ date }) => deserializeDate(date).toMillis());
    const end = Math.max(today.toMillis(), days.at(-1)) + DAY; // today lasts a day, too
    const x = scale([days[0], end], [0, 100]);
    const y = scale([0, 100], [height - 1, 1]);
    const dots = rows.map(({ score }, index) => ({ x: x(days[index]), y: y(score) }));
    const line = `${stepPath(dots)}H100`;
    return { line, area: `${line}V${height}H${dots[0].x}Z`, dots };
}
