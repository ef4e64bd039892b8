/**
 * The curve as an SVG path in a box of 100 x 100 whose y grows downwards; it begins at nothing for nobody.
 *
 * @param {{ customers: number, revenue: number }[]} points in percent, rising
 * @returns {string}
 */
export function paretoPath(points) {
    return ["M0,100", ...points.map(({ customers, revenue }) => `L${customers},${100 - revenue}`)].join(" ");
}

/**
 * The share of revenue of the best `percent` of the customers, between the points in a straight line.
 *
 * @returns {number}
 */
export function shareAt(points, percent) {
    let before = { customers: 0, revenue: 0 };
    for (const point of points) {
        if (point.customers >= percent) {
            const part = (percent - before.customers) / (point.customers - before.customers);
            return before.revenue + part * (point.revenue - before.revenue);
        }
        before = point;
    }
    return points.length ? 100 : 0;
}
