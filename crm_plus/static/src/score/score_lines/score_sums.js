/**
 * Points come as texts with 2 places, such as "-12.50"; they are added as whole hundredths, so that sums are exact.
 *
 * @param {string} points
 * @returns {number} hundredths
 */
export function hundredths(points) {
    return Math.round(parseFloat(points) * 100);
}

/**
 * The sum of lines, as a text with 2 places.
 *
 * @param {{ points: string }[]} lines
 * @returns {string}
 */
export function sumOfLines(lines) {
    return asText(lines.reduce((sum, { points }) => sum + hundredths(points), 0));
}

/**
 * Behind a line: how many of its events are not listed although they may be seen, and the points of all those that
 * are not listed.
 *
 * @param {{ points: string, count: number, events: { points: string }[], hidden: number }} line
 * @returns {{ more: number, rest: string }}
 */
export function unlisted({ points, count, events, hidden }) {
    const listed = events.reduce((sum, event) => sum + hundredths(event.points), 0);
    return { more: Math.max(count - events.length - hidden, 0), rest: asText(hundredths(points) - listed) };
}

/**
 * Lines as they are read: what a rule gives, then at once what its own limit takes away; limits of groups and of the
 * score come last.
 *
 * @param {{ kind: string, id: number | string }[]} lines
 * @returns {Object[]}
 */
export function readingOrder(lines) {
    const caps = lines.filter(({ kind }) => kind === "rule_cap");
    const rules = lines.filter(({ kind }) => kind === "rule");
    const others = lines.filter(({ kind }) => !["rule", "rule_cap"].includes(kind));
    return [...rules.flatMap((rule) => [rule, ...caps.filter(({ id }) => id === rule.id)]), ...others];
}

function asText(sum) {
    return (sum / 100).toFixed(2);
}
