import { linePath, scale } from "@crm_plus/shared/chart_scale/chart_scale";

const NAMES = ["forecast", "came", "repeated"];

/**
 * Orders added up in the course of time, as lines from nothing in a box of 100 x `height`.
 *
 * @param {{ day: number, forecast: number, came: number, repeated: number }[]} points by rising day
 * @param {number} [height=60]
 * @returns {{ top: number, lines: { forecast: string, came: string, repeated: string } }} `top` is the value at the
 *     upper edge
 */
export function courseLines(points, height = 60) {
    const top = Math.max(...points.flatMap((point) => NAMES.map((name) => point[name])), 0) || 1;
    const x = scale([0, points.at(-1)?.day ?? 1], [0, 100]);
    const y = scale([0, top], [height, 0]);
    const line = (name) => linePath([{ x: 0, y: height }, ...points.map((p) => ({ x: x(p.day), y: y(p[name]) }))]);
    return { top, lines: Object.fromEntries(NAMES.map((name) => [name, line(name)])) };
}
