import { linePath, scale } from "@crm_plus/shared/chart_scale/chart_scale";

/**
 * Predicted against actual shares in a square of 100 x 100, the best corner on top: on the diagonal, probabilities
 * come true.
 *
 * @param {{ leads: number, predicted: number, won: number, low: number, high: number }[]} bins shares from 0 to 1
 * @returns {{ line: string, dots: { x: number, y: number, low: number, high: number, radius: number }[] }} the area
 *     of a dot grows with its leads; `low` and `high` are the ends of the interval
 */
export function reliabilityPoints(bins) {
    const x = scale([0, 1], [0, 100]);
    const y = scale([0, 1], [100, 0]);
    const most = Math.max(...bins.map(({ leads }) => leads), 1);
    const dots = bins.map(({ leads, predicted, won, low, high }) => ({
        x: x(predicted),
        y: y(won),
        low: y(low),
        high: y(high),
        radius: Math.round((1 + 2 * Math.sqrt(leads / most)) * 100) / 100,
    }));
    return { line: linePath(dots), dots };
}

/**
 * Whether the interval of a bin misses what was predicted: chance alone is an unlikely cause.
 *
 * @param {{ predicted: number, low: number, high: number }} bin
 * @returns {boolean}
 */
export function isOff({ predicted, low, high }) {
    return predicted < low || predicted > high;
}
