import { linePath, scale } from "@crm_plus/shared/chart_scale/chart_scale";

// Half as wide as the mark of a single month.
const DASH = 4;

/**
 * Lines through the months of one figure, one for each segment, in a box of 100 x `height`.
 *
 * @param {{ month: string, values: (number|false)[] }[]} points by rising month
 * @param {number} [height=40]
 * @returns {string[]} the `d` of an SVG path for each segment; a month without a value is left out, and a single one
 * is a dash
 */
export function coursePaths(points, height = 40) {
    const known = points.flatMap(({ values }) => values.filter((value) => value !== false));
    const x = scale([0, points.length - 1], [0, 100]);
    const y = scale([Math.min(0, ...known), Math.max(0, ...known)], [height, 0]);
    const count = points[0]?.values.length ?? 0;
    return Array.from({ length: count }, (_none, index) =>
        path(
            points.flatMap(({ values }, place) =>
                values[index] === false ? [] : [{ x: x(place), y: y(values[index]) }]
            )
        )
    );
}

function path(points) {
    if (points.length !== 1) {
        return linePath(points);
    }
    const [{ x, y }] = points;
    return linePath([{ x: Math.max(0, x - DASH), y }, { x: Math.min(100, x + DASH), y }]);
}
