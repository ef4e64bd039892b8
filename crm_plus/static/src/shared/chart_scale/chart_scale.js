/**
 * A linear scale from one range of numbers to another.
 *
 * @param {[number, number]} from both ends; when they are equal everything lands in the middle
 * @param {[number, number]} to
 * @returns {(value: number) => number} rounded to hundredths, as pictures need no more
 */
export function scale([low, high], [start, end]) {
    return (value) => {
        const share = high === low ? 0.5 : (value - low) / (high - low);
        return Math.round((start + share * (end - start)) * 100) / 100;
    };
}

/**
 * A line through points, as the `d` of an SVG path.
 *
 * @param {{ x: number, y: number }[]} points
 * @returns {string} empty without points
 */
export function linePath(points) {
    return points.map(({ x, y }, index) => `${index ? "L" : "M"}${x} ${y}`).join("");
}

/**
 * A line that keeps its height until the next point, as the `d` of an SVG path.
 *
 * @param {{ x: number, y: number }[]} points
 * @returns {string}
 */
export function stepPath(points) {
    return points.map(({ x, y }, index) => (index ? `H${x}V${y}` : `M${x} ${y}`)).join("");
}
