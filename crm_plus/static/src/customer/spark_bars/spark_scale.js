/**
 * Bars of a small chart in a box of 100 x `height`, with room below the line for what is less than zero.
 *
 * @param {number[]} values
 * @param {number} [height=24]
 * @returns {{ baseline: number, bars: { x: number, y: number, width: number, height: number }[] }} a value that is
 *     not zero is always seen; without any value that is not zero all bars are flat
 */
export function sparkBars(values, height = 24) {
    const top = Math.max(...values, 0);
    const bottom = Math.min(...values, 0);
    const unit = height / (top - bottom || 1);
    const baseline = top * unit;
    const step = 100 / (values.length || 1);
    const bars = values.map((value, index) => {
        const size = value ? Math.max(Math.abs(value) * unit, 1) : 0;
        return { x: index * step, width: step * 0.8, y: value < 0 ? baseline : baseline - size, height: size };
    });
    return { baseline, bars };
}
