import { startBusService } from "@bus/../tests/bus_test_helpers";
import { TRAINED } from "@crm_plus/prediction/trained_list/trained_list";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    MockServer,
    asyncStep,
    contains,
    defineModels,
    fields,
    makeServerError,
    mockService,
    models,
    mountView,
    onRpc,
    waitForSteps,
} from "@web/../tests/web_test_helpers";

/** Texts with single spaces, however they are laid out, and without marks of direction. */
const texts = (selector) =>
    queryAllTexts(selector).map((text) => text.replace(/[\u2066\u2069]/g, "").replace(/\s+/g, " "));

const EVALUATION = {
    reliability: [
        { leads: 300, predicted: 0.1, won: 0.12, low: 0.09, high: 0.16 },
        { leads: 40, predicted: 0.8, won: 0.5, low: 0.35, high: 0.65 },
    ],
    lift: [...Array(10).keys()].map((index) => ({
        tenth: index + 1,
        leads: 10,
        won: index < 2 ? 4 : 1,
        lift: index < 2 ? 2.5 : 0.625,
    })),
};

const SHAPES = [
    {
        feature: "age",
        label: "Age",
        strength: 0.6,
        ranges: 2,
        bins: [
            { label: "up to 5", points: 500000, leads: 90 },
            { label: "over 5", points: -900000, leads: 80 },
            { label: "(empty)", points: 0, leads: 1 },
        ],
    },
    {
        feature: "source_id × country_id",
        label: "Source × Country",
        strength: 0.2,
        ranges: 0,
        bins: [{ label: "Web, Belgium", points: 250000, leads: 12 }],
    },
];

class ScoreModel extends models.Model {
    _name = "crm.score.model";

    company_id = fields.Many2one({ relation: "score.company" });
    team_id = fields.Many2one({ relation: "score.company" });
    version = fields.Integer();
    state = fields.Selection({ selection: [["published", "Published"], ["retired", "Retired"], ["abstained", "Too few"]] });
    trained_on = fields.Datetime();
    auc = fields.Float();
    log_loss = fields.Float();
    ece = fields.Float();
    evaluation = fields.Json();
    shapes = fields.Json();
    comparison = fields.Json();

    _records = [
        {
            id: 1,
            company_id: 1,
            version: 2,
            state: "published",
            trained_on: "2026-03-01 10:00:00",
            auc: 0.8612,
            evaluation: EVALUATION,
            shapes: SHAPES,
            comparison: {
                decision: "better",
                leads: 340,
                log_loss: { value: -0.02, low: -0.03, high: -0.01 },
                auc: { value: 0.01, low: -0.01, high: 0.03 },
            },
        },
        { id: 2, company_id: 1, version: 1, state: "retired", trained_on: "2026-02-01 10:00:00", auc: 0.84 },
        { id: 3, company_id: 2, version: 1, state: "published", trained_on: "2026-02-01 10:00:00" },
        { id: 4, company_id: 1, version: 3, state: "abstained", trained_on: "2026-03-02 10:00:00" },
    ];
}

class Company extends models.Model {
    _name = "score.company";

    name = fields.Char();

    _records = [
        { id: 1, name: "Europe" },
        { id: 2, name: "Asia" },
    ];
}

class ScoreRule extends models.Model {
    _name = "crm.score.rule";

    name = fields.Char();
    points = fields.Float();

    _records = [{ id: 1, name: "Country is filled in", points: 5 }];
}

defineMailModels();
defineModels([ScoreModel, Company, ScoreRule]);

async function mountModel(content) {
    await mountView({ type: "form", resModel: "crm.score.model", resId: 1, arch: `<form>${content}</form>` });
    await animationFrame();
}

test("a list of versions shows new ones when a training is done", async () => {
    onRpc("crm.score.model", "web_search_read", () => asyncStep("loaded"));
    const arch = `<list js_class="crm_trained_list"><field name="version"/></list>`;
    await mountView({ type: "list", resModel: "crm.score.model", arch });
    await waitForSteps(["loaded"]);
    startBusService();
    MockServer.env["bus.bus"]._sendone("broadcast", TRAINED, {});
    await waitForSteps(["loaded"]);
    expect(".o_data_row").toHaveCount(4);
});

test("the reliability curve has its numbers beside it and marks what is off", async () => {
    await mountModel(`<field name="evaluation" widget="crm_reliability_curve"/>`);
    expect(".o_crm_reliability circle").toHaveCount(2);
    expect(".o_crm_reliability g.o_off").toHaveCount(1);
    expect(texts(".o_crm_reliability tbody tr")).toEqual([
        "300 10% 12% 9% to 16%",
        "40 80% 50% 35% to 65% Predicted too high",
    ]);
});

test("lift is shown by tenth, and what the best fifth holds", async () => {
    await mountModel(`<field name="evaluation" widget="crm_lift"/>`);
    expect(".o_crm_lift p").toHaveText("The most promising fifth of leads accounts for 50% of all wins.");
    expect(".o_crm_lift tbody tr").toHaveCount(10);
    expect(texts(".o_crm_lift tbody tr:first-child")).toEqual(["1 10 4 2.5 × 25%"]);
});

test("what was learned: a line for numbers, bars for values, the strongest field first", async () => {
    await mountModel(`<field name="shapes" widget="crm_learned_shapes"/>`);
    expect(texts(".o_crm_shape_list button")).toEqual(["Age 75%", "Source × Country 25%"]);
    expect(".o_crm_shape figure path").toHaveCount(1);
    expect(texts(".o_crm_shape figcaption bdi")).toEqual(["up to 5", "over 5"]);
    expect(texts(".o_crm_shape tbody tr")).toEqual([
        "up to 5: 90 leads raises it",
        "over 5: 80 leads lowers it strongly",
        "(empty): 1 lead changes nothing",
    ]);
    await contains(".o_crm_shape_list li:last-child button").click();
    expect(".o_crm_shape figure").toHaveCount(0);
    expect(texts(".o_crm_shape tbody tr")).toEqual(["Web, Belgium: 12 leads raises it"]);
});

test("versions of the same company are compared, a difference that could be chance is called so", async () => {
    await mountModel(`<field name="comparison" widget="crm_version_compare"/>`);
    expect(texts(".o_crm_versions table:first-child tbody tr")).toEqual([
        "Log-loss -0.0200 (-0.0300 to -0.0100) better",
        "AUC +0.0100 (-0.0100 to +0.0300) could be due to chance",
    ]);
    expect(texts(".o_crm_versions table:last-child tbody td:first-child").toSorted()).toEqual(["1", "2"]);
    expect(".o_crm_versions tr[aria-current]").toHaveCount(1);
});

test("versions that could not be loaded are asked for once more", async () => {
    let isDown = true;
    onRpc("crm.score.model", "search_read", () => {
        if (isDown) {
            throw makeServerError();
        }
    });
    await mountModel(`<field name="comparison" widget="crm_version_compare"/>`);
    expect(".o_crm_versions .o_crm_load_failed").toHaveCount(1);
    isDown = false;
    await contains(".o_crm_load_failed button").click();
    expect(".o_crm_versions tr[aria-current]").toHaveCount(1);
});

test("a picture without figures is left out", async () => {
    ScoreModel._records[0].evaluation = false;
    ScoreModel._records[0].shapes = false;
    await mountModel(`
        <field name="evaluation" widget="crm_reliability_curve"/>
        <field name="evaluation" widget="crm_lift"/>
        <field name="shapes" widget="crm_learned_shapes"/>`);
    expect("svg").toHaveCount(0);
});

const RULE_FORM = `<form><field name="points"/><widget name="crm_score_preview"/></form>`;
const PREVIEW = {
    leads: 340,
    changed: 12,
    hot: [3, 8],
    grades: [],
    moves: [
        ["C2", "B2", 2],
        ["B2", "A2", 5],
    ],
    top: [{ id: 42, name: "Desks", before: "40.00", after: "62.50", change: "+22.50" }],
};

test("the preview says what the rule as typed would change", async () => {
    mockService("action", {
        doAction(action) {
            expect.step(`${action.res_model},${action.res_id}`);
        },
    });
    onRpc("crm.score.rule", "preview_rule", ({ args }) => {
        expect.step(args);
        return PREVIEW;
    });
    await mountView({ type: "form", resModel: "crm.score.rule", resId: 1, arch: RULE_FORM });
    await contains("[name=points] input").edit("15");
    await contains(".o_crm_preview_button").click();
    expect.verifySteps([[{ points: 15 }, 1]]);
    expect(".o_crm_preview_summary").toHaveText(
        "Of 340 open leads, 12 would change score and 7 would change grade. Hot leads: 3 now, 8 then."
    );
    expect(texts(".o_crm_preview_moves tr td:last-child")).toEqual(["5 leads", "2 leads"]);
    await contains(".o_crm_preview_top button").click();
    expect.verifySteps(["crm.lead,42"]);
});

test("the preview says what is wrong with the rule", async () => {
    onRpc("crm.score.rule", "preview_rule", () => {
        throw makeServerError({ message: "Condition: it is true for everything." });
    });
    await mountView({ type: "form", resModel: "crm.score.rule", resId: 1, arch: RULE_FORM });
    await contains(".o_crm_preview_button").click();
    expect(".o_crm_preview_failed").toHaveText("Condition: it is true for everything.");
});

class ScoreCapacity extends models.Model {
    _name = "crm.score.capacity";

    steps = fields.Json();

    _records = [
        {
            id: 1,
            steps: {
                capacity: 20,
                rows: [
                    { score: 70, week: 4, each: 2, marks: ["current"] },
                    { score: 62.35, week: 19.5, each: 9.75, marks: ["cutoff"] },
                    { score: 10, week: 80, each: 40, marks: [] },
                ],
            },
        },
    ];
}

defineModels([ScoreCapacity]);

test("leads a week by score stand beside what all can take", async () => {
    await mountView({
        type: "form",
        resModel: "crm.score.capacity",
        resId: 1,
        arch: `<form><field name="steps" widget="crm_capacity_table"/></form>`,
    });
    expect(texts(".o_crm_capacity tbody tr")).toEqual([
        "70 hot now 4 2",
        "62.35 threshold 19.5 9.8",
        "10 80 40",
    ]);
    expect(".o_crm_capacity .o_too_many").toHaveCount(1);
    expect(".o_crm_capacity div").toHaveText("The dashed line is the team's capacity: 20 leads per week.");
});
