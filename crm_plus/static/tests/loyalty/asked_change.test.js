import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    makeServerError,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Tier extends models.Model {
    _name = "crm.tier";

    name = fields.Char();
    sequence = fields.Integer({ decides: true });
    threshold = fields.Float({ decides: true });

    _records = [
        { id: 1, name: "Bronze", sequence: 1, threshold: 100 },
        { id: 2, name: "Silver", sequence: 2, threshold: 500 },
        { id: 3, name: "Gold", sequence: 3, threshold: 1000 },
    ];
}

class Segment extends models.Model {
    _name = "crm.segment";

    name = fields.Char();
    domain = fields.Char({ decides: true });
    state = fields.Selection({
        selection: [
            ["draft", "Draft"],
            ["active", "Active"],
        ],
        default: "draft",
    });

    _records = [
        { id: 1, name: "Big", domain: "[]", state: "active" },
        { id: 2, name: "Bigger", domain: "[]", state: "draft" },
    ];
}

defineMailModels();
defineModels([Tier, Segment]);
describe.current.tags("desktop");

const FORM = `<form js_class="crm_asked_form"><field name="name"/><field name="threshold"/></form>`;
const LIST = `<list js_class="crm_asked_list"><field name="sequence" widget="handle"/><field name="name"/></list>`;
const PREVIEW = {
    customers: 2400,
    moves: [
        { from_id: 3, from: "Gold", to_id: 2, to: "Silver", until: false, count: 1200 },
        { from_id: 3, from: "Gold", to_id: 3, to: "Gold", until: "2026-04-01", count: 30 },
    ],
};

async function mountForm(answer) {
    onRpc("crm.tier", "preview_changes", ({ args }) => {
        expect.step(args);
        return answer();
    });
    onRpc("crm.tier", "web_save", ({ args }) => expect.step(["saved", args[1]]));
    await mountView({ type: "form", resModel: "crm.tier", resId: 3, arch: FORM });
}

async function enter(name, value) {
    await contains(`[name=${name}] input`).edit(value);
    await contains(".o_form_button_save").click();
    await animationFrame();
}

test("a threshold that moves customers is saved once who changes it has seen whom", async () => {
    await mountForm(() => PREVIEW);
    await enter("threshold", "9000");
    expect.verifySteps([[[3], { threshold: 9000 }]]);
    expect(".modal-title").toHaveText("What would it change?");
    expect(".modal-body").toHaveText(/1,230 of 2,400 customers:\nGold → Silver: 1,200\nGold → Gold \(keeps the tier until .*\): 30$/);
    await contains(".modal-footer .btn-primary").click();
    await animationFrame();
    expect.verifySteps([["saved", { threshold: 9000 }]]);
});

test("who thinks better of it goes on editing, and nothing is saved", async () => {
    await mountForm(() => PREVIEW);
    await enter("threshold", "9000");
    await contains(".modal-footer .btn-secondary").click();
    await animationFrame();
    expect.verifySteps([[[3], { threshold: 9000 }]]);
    expect("[name=threshold] input").toHaveValue("9,000.00");
    expect(".o_form_status_indicator_buttons").toBeVisible();
});

test("what moves nobody, and what decides nothing, is saved at once", async () => {
    await mountForm(() => ({ customers: 2400, moves: [] }));
    await enter("threshold", "1001");
    await enter("name", "Golden");
    expect(".modal").toHaveCount(0);
    expect.verifySteps([
        [[3], { threshold: 1001 }],
        ["saved", { threshold: 1001 }],
        ["saved", { name: "Golden" }],
    ]);
});

test("values that cannot be saved are refused by the save itself", async () => {
    await mountForm(() => {
        throw makeServerError({ message: "Threshold: must be more than zero." });
    });
    await enter("threshold", "0");
    expect.verifySteps([[[3], { threshold: 0 }], ["saved", { threshold: 0 }]]);
});

async function mountSegment(resId) {
    const moves = [{ from_id: 1, from: "Big", to_id: false, to: "none", until: false, count: 2 }];
    onRpc("crm.segment", "preview_changes", ({ args }) => {
        expect.step(args);
        return { customers: 3, moves, follows: ["A call", "Big buyers"] };
    });
    onRpc("crm.segment", "web_save", ({ args }) => expect.step(["saved", args[1]]));
    const arch = `<form js_class="crm_asked_form"><field name="state"/><field name="name"/><field name="domain"/></form>`;
    await mountView({ type: "form", resModel: "crm.segment", resId, arch });
}

test("an active segment asks, and says what customers get", async () => {
    await mountSegment(1);
    await enter("name", "Large");
    await enter("domain", "[(1, '=', 1)]");
    expect.verifySteps([
        ["saved", { name: "Large" }],
        [[1], { domain: "[(1, '=', 1)]" }],
    ]);
    expect(".modal-body").toHaveText(/2 of 3 customers:\nBig → none: 2\nOn entering, customers get: A call.* Big buyers\.$/);
    expect(".modal-footer .btn-secondary").toHaveText("Keep editing");
    await contains(".modal-footer .btn-primary").click();
    await animationFrame();
    expect.verifySteps([["saved", { domain: "[(1, '=', 1)]" }]]);
});

test("a draft is saved without a question", async () => {
    await mountSegment(2);
    await enter("domain", "[(1, '=', 1)]");
    expect(".modal").toHaveCount(0);
    expect.verifySteps([["saved", { domain: "[(1, '=', 1)]" }]]);
});

test("another order that moves customers is saved once who drags has seen whom", async () => {
    let moves = PREVIEW.moves;
    onRpc("crm.tier", "preview_order", ({ args }) => {
        expect.step(args);
        return { customers: 2400, moves };
    });
    onRpc("crm.tier", "web_resequence", ({ args }) => expect.step(["saved", args[0]]));
    await mountView({ type: "list", resModel: "crm.tier", arch: LIST });
    const drag = async () => {
        await contains("tbody tr:nth-child(3) .o_handle_cell").dragAndDrop("tbody tr:nth-child(1)");
        await animationFrame();
    };
    const names = () => queryAllTexts(".o_data_row [name=name]");
    await drag();
    expect.verifySteps([[[3], [3, 1, 2]]]);
    expect(".modal-body").toHaveText(/^This change moves 1,230/);
    await contains(".modal-footer .btn-secondary").click();
    await animationFrame();
    expect(names()).toEqual(["Bronze", "Silver", "Gold"]);
    moves = [];
    await drag();
    expect.verifySteps([
        [[3], [3, 1, 2]],
        ["saved", [3, 1, 2]],
    ]);
    expect(names()).toEqual(["Gold", "Bronze", "Silver"]);
});
