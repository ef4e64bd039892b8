const LOOKS = {
    done: "fa-check-circle text-success",
    running: "fa-clock-o text-info",
    problem: "fa-exclamation-triangle text-danger",
    open: "fa-circle-o text-muted",
    offered: "fa-coffee text-muted",
    removed: "fa-info-circle text-info",
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

/**
 * The question before something is removed: what goes, a line each, then what else there is to say.
 *
 * @param {string} title
 * @param {string[]} going
 * @param {(string | false)[]} further
 * @returns {string}
 */
export function removalText(title, going, further) {
    const list = going.length ? [[title, ...going].join("\n")] : [];
    return [...list, ...further.filter(Boolean)].join("\n\n");
}
