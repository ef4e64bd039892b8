import { Customer, defineFormModels } from "@crm_plus/../tests/shared/forms";
import { Start } from "@crm_plus/job/start/start";
import { beforeEach, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import { contains, mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";

defineFormModels(Customer);

beforeEach(() => mockDate("2026-05-20 10:00:00", 0));

const TIERS = { code: "tiers", title: "Loyalty tiers", text: "Since 2026-05-12.", state: "open", progress: false };
const TIERS_BUTTON = { name: "Tiers", job: false, action: "crm_plus.crm_tier_action" };
const HISTORY = { code: "history", title: "History", text: "31 sources.", state: "done", progress: false, button: false };
const LIST = { steps: [HISTORY, { ...TIERS, button: TIERS_BUTTON }], hidden: false, sample: false };

async function mountStart(...lists) {
    let last;
    const answer = (name) => (params) => {
        expect.step([name, ...params.args]);
        last = lists.shift() || last;
        return last;
    };
    for (const name of ["start_list", "mark_step", "run_step"]) {
        onRpc("crm.start.step", name, answer(name));
    }
    mockService("action", { doAction: (action) => expect.step(action) });
    const props = { action: { id: 1, type: "ir.actions.client", tag: "crm_start" }, actionId: 1, className: "" };
    await mountWithCleanup(Start, { props });
    await animationFrame();
}

test("the first steps have their state, their texts and a button each", async () => {
    await mountStart(LIST);
    expect(".o_crm_start_done").toHaveText("1 of 2 steps are done");
    expect(".o_crm_start_history").toHaveAttribute("data-state", "done");
    expect(queryAllTexts(".o_crm_start_buttons button")).toEqual(["Mark as done", "Tiers"]);
    expect(".o_crm_start_tiers .small").toHaveText("Since May 12.");
    await contains(".o_crm_start_tiers button:contains(Tiers)").click();
    expect.verifySteps([["start_list"], "crm_plus.crm_tier_action"]);
});

test("a step is marked as done and not done, and all of them are hidden and shown again", async () => {
    const marked = { ...LIST, steps: [HISTORY, { ...LIST.steps[1], state: "done", marked: true }] };
    await mountStart(LIST, marked, LIST, { ...LIST, hidden: true }, LIST);
    await contains(".o_crm_start_mark").click();
    expect(".o_crm_start_done").toHaveText("2 of 2 steps are done");
    expect(queryAllTexts(".o_crm_start_buttons button")).toEqual(["Not done yet", "Tiers"]);
    await contains(".o_crm_start_unmark").click();
    expect(".o_crm_start_done").toHaveText("1 of 2 steps are done");
    await contains(".o_crm_start_hide").click();
    expect(".list-group").toHaveCount(0);
    await contains(".o_crm_start_show").click();
    expect(".list-group-item").toHaveCount(2);
    expect.verifySteps([
        ["start_list"],
        ["mark_step", "tiers", true],
        ["mark_step", "tiers", false],
        ["mark_step", "all", true],
        ["mark_step", "all", false],
    ]);
});

test("what goes on by itself is looked at again until it is done", async () => {
    const running = { ...HISTORY, state: "running", progress: 40 };
    await mountStart({ ...LIST, steps: [running] }, LIST);
    expect(".o_crm_start_history .progress").toHaveAttribute("aria-valuenow", "40");
    await advanceTime(10_000);
    await animationFrame();
    expect(".o_crm_start_history").toHaveAttribute("data-state", "done");
    await advanceTime(20_000);
    expect.verifySteps([["start_list"], ["start_list"]]);
});
