import { scale } from "@crm_plus/shared/chart_scale/chart_scale";

/**
 * Intervals on one line with zero in the middle, in percent of its breadth.
 *
 * @param {{ value: number, low: number, high: number }} interval
 * @returns {{ value: number, low: number, high: number }}
 */
export function aroundZero({ value, low, high }) {
    const size = Math.max(Math.abs(low), Math.abs(high)) * 1.1;
    const x = scale([-size, size], [0, 100]);
    return { value: x(value), low: x(low), high: x(high) };
}
