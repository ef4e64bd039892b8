import { defineFormModels, texts } from "@crm_plus/../tests/shared/forms";
import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    fields,
    makeServerError,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Tier extends models.Model {
    _name = "crm.tier";

    name = fields.Char();
    threshold = fields.Float();
    line_ids = fields.One2many({ relation: "crm.tier" });

    _records = [
        { id: 1, name: "Gold", threshold: 1000, line_ids: [2] },
        { id: 2, name: "Silver", threshold: 500 },
    ];
}

defineFormModels(Tier);

const move = (values) => ({ from_id: 1, from: "Gold", from_color: 3, to_id: 2, to: "Silver", to_color: 8, until: false, count: 5, ...values });
const PREVIEW = {
    customers: 2400,
    moves: [
        move({ count: 1200 }),
        move({ to_id: 1, to: "Gold", until: "2026-04-01", count: 30 }),
        move({ from_id: false, from: "none", count: 1 }),
    ],
};
const FORM = `
    <form>
        <field name="name"/><field name="threshold"/>
        <field name="line_ids"><list editable="bottom"><field name="name"/></list></field>
        <widget name="crm_move_preview"/>
    </form>`;

async function mountPreview(answer, resId = 1) {
    onRpc("crm.tier", "preview_changes", ({ args }) => answer(args));
    await mountView({ type: "form", resModel: "crm.tier", resId, arch: FORM });
}

async function ask() {
    await contains(".o_crm_preview_button").click();
    await animationFrame();
}

test("the moves of the unsaved values are a table, most customers first", async () => {
    await mountPreview((args) => {
        expect.step(args);
        return PREVIEW;
    });
    await contains("[name=threshold] input").edit("2000");
    await ask();
    expect.verifySteps([[[1], { threshold: 2000 }]]);
    expect(".o_crm_preview_summary").toHaveText("This change moves 1,231 of 2,400 customers:");
    expect(texts(".o_crm_preview_moves tbody tr")).toEqual([
        "Gold Silver 1,200",
        "Gold Gold keeps the tier until Apr 1, 2026, then loses it 30",
        "none Silver 1",
    ]);
    expect(".o_crm_preview_moves .badge:first").toHaveClass("o_badge_color_3");
    expect(".o_crm_preview_moves tr:contains(none) .badge").toHaveCount(1);
});

test("an answer about other values is dropped, those of a line included", async () => {
    await mountPreview(() => PREVIEW);
    await ask();
    expect(".o_crm_preview_moves").toHaveCount(1);
    await contains("[name=threshold] input").edit("2000");
    await animationFrame();
    expect(".o_crm_preview_moves").toHaveCount(0);
    await ask();
    expect(".o_crm_preview_moves").toHaveCount(1);
    await contains("[name=line_ids] .o_data_cell").click();
    await contains("[name=line_ids] [name=name] input").edit("Bronze", { confirm: "tab" });
    await animationFrame();
    expect(".o_crm_preview_moves").toHaveCount(0);
});

test("a new record is previewed before it exists", async () => {
    await mountPreview((args) => {
        expect.step(args);
        return { customers: 0, moves: [] };
    }, false);
    await contains("[name=name] input").edit("Platinum");
    await ask();
    expect.verifySteps([[[], { name: "Platinum", threshold: 0, line_ids: [] }]]);
    expect(".o_crm_preview_summary").toHaveText("There are no customers yet.");
});

test("a change that moves nobody and rules that are not in use say so", async () => {
    let answer = { customers: 2400, moves: [] };
    await mountPreview(() => answer);
    await ask();
    expect(".o_crm_preview_summary").toHaveText("This change moves none of 2,400 customers.");
    expect(".o_crm_preview_moves").toHaveCount(0);
    answer = { customers: 2400, moves: false };
    await ask();
    expect(".o_crm_preview_summary").toHaveText("Nobody would move: the current company does not use this.");
});

test("many kinds of moves are shown on demand", async () => {
    await mountPreview(() => ({ customers: 100, moves: Array.from({ length: 13 }, () => move()) }));
    await ask();
    expect(".o_crm_preview_moves tbody tr").toHaveCount(10);
    await contains(".o_crm_preview_all").click();
    expect(".o_crm_preview_moves tbody tr").toHaveCount(13);
    expect(".o_crm_preview_all").toHaveCount(0);
});

test("what could not be saved says why", async () => {
    await mountPreview(() => {
        throw makeServerError({ message: "Every score must be in exactly one active segment:\nR=1 F=1" });
    });
    await ask();
    expect(".o_crm_preview_failed").toHaveText(/R=1 F=1/);
    await contains("[name=threshold] input").edit("2000");
    await animationFrame();
    expect(".o_crm_preview_failed").toHaveCount(0);
});
