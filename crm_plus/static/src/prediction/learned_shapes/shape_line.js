import { scale, stepPath } from "@crm_plus/shared/chart_scale/chart_scale";

/**
 * What a number does to the prediction, over its ranges in their order, in a box of 100 x `height`. Ranges are equally
 * broad, since each holds about as many leads.
 *
 * @param {number[]} points one for each range
 * @param {number} [height=40]
 * @returns {{ line: string, zero: number }} `zero` is the height of no effect
 */
export function shapeLine(points, height = 40) {
    const y = scale([Math.min(...points, 0), Math.max(...points, 0)], [height - 2, 2]);
    const step = 100 / (points.length || 1);
    const dots = points.map((value, index) => ({ x: Math.round(index * step * 100) / 100, y: y(value) }));
    return { line: dots.length ? `${stepPath(dots)}H100` : "", zero: y(0) };
}

/**
 * Shapes with the share of all that moves predictions that each one has.
 *
 * @param {{ feature: string, strength: number, bins: Object[] }[]} shapes strongest first
 * @returns {Object[]} the same with `share`, 0 to 1, and `width`, of its bar in percent
 */
export function withShares(shapes) {
    const total = shapes.reduce((sum, { strength }) => sum + strength, 0) || 1;
    const largest = Math.max(...shapes.map(({ strength }) => strength), 0) || 1;
    return shapes.map((shape) => ({
        ...shape,
        share: shape.strength / total,
        width: (100 * shape.strength) / largest,
    }));
}
