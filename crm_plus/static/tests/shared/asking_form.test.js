import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

class Rule extends models.Model {
    _name = "crm.asked";

    name = fields.Char();

    _records = [{ id: 1, name: "Win back" }];
}

defineMailModels();
defineModels([Rule]);

const FORM = `<form js_class="crm_asking_form"><field name="name"/></form>`;

async function editName(question, resId = 1) {
    onRpc("crm.asked", "save_question", ({ args }) => {
        expect.step(args);
        return question;
    });
    onRpc("crm.asked", "web_save", ({ args }) => {
        expect.step(["saved", args[1]]);
    });
    await mountView({ type: "form", resModel: "crm.asked", resId, arch: FORM });
    await contains(".o_field_widget[name=name] input").edit("Call");
    await contains(".o_form_button_save").click();
}

test("what concerns many customers is asked before it is saved", async () => {
    await editName("To be reached now: 2,258");
    await expect.waitForSteps([[[1], { name: "Call" }]]);
    await animationFrame();
    expect(".modal-body").toHaveText("To be reached now: 2,258");
    await contains(".modal-footer .btn-primary").click();
    await expect.waitForSteps([["saved", { name: "Call" }]]);
    await animationFrame();
    expect(".modal").toHaveCount(0);
});

test("who thinks better of it goes on editing", async () => {
    await editName("To be reached now: 2,258");
    await expect.waitForSteps([[[1], { name: "Call" }]]);
    await animationFrame();
    await contains(".modal-footer .btn-secondary").click();
    await animationFrame();
    expect.verifySteps([]);
    expect(".o_field_widget[name=name] input").toHaveValue("Call");
});

test("nobody is asked when nobody is concerned", async () => {
    await editName(false);
    await expect.waitForSteps([[[1], { name: "Call" }], ["saved", { name: "Call" }]]);
    expect(".modal").toHaveCount(0);
});

test("a new record is saved without a question", async () => {
    await editName("Really?", false);
    await expect.waitForSteps([["saved", { name: "Call" }]]);
    expect(".modal").toHaveCount(0);
});
