const LOOKS = {
    done: "fa-check-circle text-success",
    running: "fa-clock-o text-info",
    problem: "fa-exclamation-triangle text-danger",
    open: "fa-circle-o text-muted",
    offered: "fa-coffee text-muted",
};

/**
 * How many steps are done.
 *
 * @param {{ state: string }[]} steps
 * @returns {number}
 */
export function doneCount(steps) {
    return steps.filter(({ state }) => state === "done").length;
}

/**
 * The icon of a step.
 *
 * @param {{ state: string }} step
 * @returns {string}
 */
export function stepLook({ state }) {
    return LOOKS[state];
}
