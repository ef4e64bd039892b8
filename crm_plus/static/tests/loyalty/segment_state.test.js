import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

class Segment extends models.Model {
    _name = "crm.segment";

    name = fields.Char();
    state = fields.Selection({ selection: [["draft", "Draft"], ["active", "Active"]] });

    _records = [
        { id: 1, name: "Big", state: "draft" },
        { id: 2, name: "Rest", state: "active" },
    ];
}

defineMailModels();
defineModels([Segment]);

const FORM = `<form><header><widget name="crm_segment_state"/></header><field name="name"/></form>`;
const move = { from: "Rest", to: "Big", count: 1200 };

async function mountState(resId, preview) {
    onRpc("crm.segment", "preview_changes", ({ args }) => {
        expect.step(args);
        return { customers: 2400, moves: [move], follows: ["Important"], ...preview };
    });
    for (const method of ["action_activate", "action_draft"]) {
        onRpc("crm.segment", method, function ({ args }) {
            expect.step([method, ...args]);
            this.env["crm.segment"].write(args[0], { state: "active" });
            return false;
        });
    }
    await mountView({ type: "form", resModel: "crm.segment", resId, arch: FORM });
}

test("whom activating moves and what they get is shown before it is done", async () => {
    await mountState(1);
    await contains(".o_crm_activate").click();
    await animationFrame();
    expect.verifySteps([[[1], { state: "active" }]]);
    expect(".modal-body").toHaveText(
        "This change moves 1,200 of 2,400 customers:\nRest → Big: 1,200\nOn entering, customers get: Important."
    );
    await contains(".modal-footer .btn-primary").click();
    await animationFrame();
    expect.verifySteps([["action_activate", [1]]]);
    expect(".o_crm_activate").toHaveCount(0);
    expect(".o_crm_draft").toHaveCount(1);
});

test("who thinks better of it has changed nothing", async () => {
    await mountState(2, { moves: Array.from({ length: 10 }, () => move) });
    await contains(".o_crm_draft").click();
    await animationFrame();
    expect(".modal-body").toHaveText(/and 2 other changes$/);
    await contains(".modal-footer .btn-secondary").click();
    expect.verifySteps([[[2], { state: "draft" }]]);
});
