import { linePath, scale } from "@crm_plus/shared/chart_scale/chart_scale";

/**
 * Forecast and orders of customers with 1, 2, ... earlier orders, as lines in a box of 100 x `height`.
 *
 * @param {{ orders: number, customers: number, forecast: number, came: number, repeated: number }[]} groups means per
 *     customer, by rising number of earlier orders
 * @param {number} [height=60]
 * @returns {{ top: number, lines: { forecast: string, came: string, repeated: string }, dots: { x: number, y: number }[] }}
 *     `top` is the value at the upper edge, `dots` are those of what came
 */
export function forecastLines(groups, height = 60) {
    const names = ["forecast", "came", "repeated"];
    const top = Math.max(...groups.flatMap((group) => names.map((name) => group[name])), 0) || 1;
    const x = scale([0, Math.max(groups.length - 1, 1)], [0, 100]);
    const y = scale([0, top], [height, 0]);
    const points = (name) => groups.map((group, index) => ({ x: x(index), y: y(group[name]) }));
    return {
        top,
        lines: Object.fromEntries(names.map((name) => [name, linePath(points(name))])),
        dots: points("came"),
    };
}
