/**
 * The curve as an SVG path in a box of 100 x 100 whose y grows downwards; it begins at nothing for nobody.
 *
 * @param {{ customers: number, revenue: number }[]} points in percent, rising
 * @returns {string}
 */
export function paretoPath(points) {
    return ["M0,100", ...points.map(({ customers, revenue }) => `L${customers},${100 - revenue}`)].join(" ");
}
