/**
 * Heights of the bars in percent of the strip. The scale is a square root, so that one busy week (a mailing, a
 * project) does not flatten all others, and a week with a single interaction is still seen.
 *
 * @param {number[]} counts
 * @param {number} [smallest=12] height of the smallest bar that is not empty
 * @returns {number[]} 0 for an empty week, else smallest..100
 */
export function barHeights(counts, smallest = 12) {
    const most = Math.max(...counts, 1);
    return counts.map((count) =>
        count ? Math.max(smallest, Math.round(100 * Math.sqrt(count / most))) : 0
    );
}

/**
 * The bar that a key moves to, or the same one for any other key. Left and right follow the reading direction.
 *
 * @param {number} index
 * @param {string} key as in KeyboardEvent.key
 * @param {number} length
 * @param {boolean} rtl
 * @returns {number}
 */
export function moveTo(index, key, length, rtl) {
    const forward = rtl ? "ArrowLeft" : "ArrowRight";
    const backward = rtl ? "ArrowRight" : "ArrowLeft";
    const target = {
        [forward]: index + 1,
        [backward]: index - 1,
        Home: 0,
        End: length - 1,
    }[key];
    return Math.min(length - 1, Math.max(0, target ?? index));
}
