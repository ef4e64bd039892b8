/** Points of a prediction are whole millionths of a logit. */
export const LOGIT = 1e6;

/**
 * Bars to both sides of a middle line, the longest one filling its side.
 *
 * @param {number[]} points
 * @returns {{ start: number, width: number }[]} in percent of the whole breadth; a bar that is not zero is seen
 */
export function divergingBars(points) {
    const largest = Math.max(...points.map(Math.abs), 0);
    return points.map((value) => {
        const width = value ? Math.max((50 * Math.abs(value)) / largest, 1) : 0;
        return { start: value < 0 ? 50 - width : 50, width };
    });
}

/**
 * How much a contribution moves the odds, in steps that words have: 0 not at all, 1 a little (less than 1.22 times),
 * 2 clearly, 3 strongly (twice or more); negative when it lowers them.
 *
 * @param {number} points
 * @returns {number} -3 to 3
 */
export function effectStep(points) {
    const size = Math.abs(points) / LOGIT;
    const step = size === 0 ? 0 : size < 0.2 ? 1 : size < Math.LN2 ? 2 : 3;
    return step && Math.sign(points) * step;
}

/**
 * How many times the odds of winning are with this contribution as without it.
 *
 * @param {number} points
 * @returns {number}
 */
export function oddsFactor(points) {
    return Math.exp(points / LOGIT);
}
