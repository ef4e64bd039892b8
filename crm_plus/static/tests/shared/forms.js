import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineModels, fields, makeServerError, models, mountView } from "@web/../tests/web_test_helpers";

/** Two customers, whose forms bear what is under test. */
export class Customer extends models.Model {
    _name = "res.customer";

    name = fields.Char();

    _records = [
        { id: 1, name: "Azure Interior" },
        { id: 2, name: "Deco Addict" },
    ];
}

/** The models of a file of tests, with those that every form of the host asks for. */
export function defineFormModels(...own) {
    defineMailModels();
    defineModels(own);
}

/** Mount a form and wait for what its widgets load once it is shown. */
export async function mountForm(arch, { resModel = "res.customer", resId = 1, ...more } = {}) {
    const view = await mountView({ type: "form", resModel, resId, arch, ...more });
    await animationFrame();
    return view;
}

/** `answer` once `mended()` was called; until then the server fails. */
export function failingAt(answer, error = { type: "UserError", message: "Broken" }) {
    let isBroken = true;
    return {
        mended: () => (isBroken = false),
        answer: (...args) => {
            if (isBroken) {
                throw makeServerError(error);
            }
            return typeof answer === "function" ? answer(...args) : answer;
        },
    };
}

/** Texts with single spaces, however they are laid out. */
export const texts = (selector) => queryAllTexts(selector).map((text) => text.replace(/\s+/g, " "));
