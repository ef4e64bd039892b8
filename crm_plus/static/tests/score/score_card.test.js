import { defineFormModels, failingAt, mountForm, texts } from "@crm_plus/../tests/shared/forms";
import { beforeEach, expect, test } from "@odoo/hoot";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import {
    contains,
    fields,
    getMockEnv,
    makeServerError,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Lead extends models.Model {
    _name = "crm.lead";

    name = fields.Char();
    probability = fields.Float();
    lead_grade = fields.Char();

    _records = [{ id: 5, name: "Desks", probability: 20, lead_grade: "B2" }];
}

defineFormModels(Lead);

const FORM = `
    <form>
        <field name="name"/>
        <field name="probability" invisible="1"/>
        <widget name="crm_score_card"/>
    </form>`;

const CALLS = {
    kind: "rule",
    id: 7,
    name: "Phone call",
    points: "20.00",
    count: 4,
    hidden: 1,
    events: [
        { id: 91, date: "2026-03-01 10:00:00", channel: "Phone", summary: "Asked for desks", points: "12.00" },
        { id: 90, date: "2026-02-20 10:00:00", channel: "Phone", summary: "First call", points: "4.00" },
    ],
};

function makeScore(values = {}) {
    return {
        score: "32.50",
        grade: "B2",
        fit: {
            score: "50.00",
            part: "25.00",
            lines: [
                { kind: "rule", id: 1, name: "Email is valid", points: "30.00" },
                { kind: "rule", id: 2, name: "", points: "40.00" },
                { kind: "group_cap", id: 3, name: "Contact details", points: "-20.00" },
            ],
        },
        engagement: {
            score: "15.00",
            part: "7.50",
            lines: [CALLS, { kind: "rule_cap", id: 7, name: "Phone call", points: "-5.00" }],
        },
        raises: [
            { id: 4, name: "Company name is filled in", suggestion: "Fill in the company name", gain: "5.00" },
            { id: 5, name: "Bought before", suggestion: false, gain: "12.50" },
        ],
        history: [
            { id: 1, date: "2026-02-20", lead_score: 20, lead_grade: "C2", win_probability: 0 },
            { id: 2, date: "2026-03-01", lead_score: 32.5, lead_grade: "B2", win_probability: 41 },
        ],
        ...values,
    };
}

function makePrediction(parts) {
    const raises = [
        { key: "phone", text: "Fill in: Phone", gain: 6 },
        { key: "contact", text: "Get in touch with them", gain: 1 },
    ];
    return { probability: 41.2, version: "Europe, version 3", score: 1, intercept: 0, parts, raises };
}

const PARTS = [
    { feature: "source_id", label: "Source", value: "Website", points: 900000 },
    { feature: "country_id", label: "Country", value: "Belgium", points: -150000 },
];

async function mountCard(card) {
    onRpc("crm.lead", "score_card", ({ args }) => (typeof card === "function" ? card(args[0]) : card));
    await mountForm(FORM, { resModel: "crm.lead", resId: 5 });
}

const unfold = () => contains(".o_crm_score_toggle").click();

beforeEach(() => mockDate("2026-03-02 12:00:00", 0));

test("grade, scores and both probabilities are seen at once", async () => {
    await mountCard({ score: makeScore(), prediction: makePrediction(PARTS) });
    expect(".o_crm_grade").toHaveText("B2");
    expect(".o_crm_score_number").toHaveText("33");
    expect(texts(".o_crm_score_meter")).toEqual(["Fit 50", "Engagement 15", "Win probability 41%"]);
    expect(".o_crm_score_host").toHaveText("Probability\n20%");
    expect(".o_crm_score_why").toHaveCount(0);
    expect(".o_crm_score_hot").toHaveCount(0);
});

test("a hot lead has a flame", async () => {
    await mountCard({ score: makeScore({ hot: true }), prediction: false, missing_prediction: "none" });
    expect(".o_crm_score_hot").toHaveAttribute("aria-label", "Hot lead");
});

test("the lines of each score add up to it, limits included", async () => {
    await mountCard({ score: makeScore(), prediction: false, missing_prediction: "none" });
    await unfold();
    expect(texts(".o_crm_score_line")).toEqual([
        "Email is valid +30.00",
        "a deleted rule +40.00",
        "Limit of “Contact details” together -20.00",
        "Phone call (4 events, 1 hidden) +20.00",
        "Limit of “Phone call” -5.00",
    ]);
    expect(texts(".o_crm_score_total .o_crm_points")).toEqual(["50.00", "15.00"]);
});

test("behind a rule are its events, and how many may not be seen", async () => {
    mockService("action", {
        doAction(action) {
            expect.step(`${action.res_model},${action.res_id}`);
        },
    });
    await mountCard({ score: makeScore(), prediction: false, missing_prediction: "none" });
    await unfold();
    expect(".o_crm_score_event").toHaveCount(0);
    await contains(".o_crm_score_events").click();
    expect(texts(".o_crm_score_event .o_crm_points")).toEqual(["+12.00", "+4.00"]);
    expect(".o_crm_score_hidden").toHaveText(
        "1 older event and 1 event on a document you have no access to +4.00"
    );
    await contains(".o_crm_score_event button:contains(First call)").click();
    expect.verifySteps(["crm.interaction,90"]);
    onRpc("crm.lead", "action_score_events", ({ args }) => {
        expect.step(args);
        return { res_model: "crm.interaction", res_id: "all" };
    });
    expect(".o_crm_score_open").toHaveText("Open all 3 in the list");
    await contains(".o_crm_score_open").click();
    expect.verifySteps([[[5], 7], "crm.interaction,all"]);
});

test("what moves the probability is shown in words, longer lists on demand", async () => {
    const parts = [...Array(10).keys()].map((index) => ({ ...PARTS[index % 2], feature: `f${index}` }));
    await mountCard({ score: makeScore(), prediction: makePrediction(parts) });
    await unfold();
    expect(".o_crm_contributions tr").toHaveCount(8);
    expect(texts(".o_crm_contributions tr").slice(0, 2)).toEqual([
        "Source: Website raises it strongly",
        "Country: Belgium lowers it slightly",
    ]);
    await contains(".o_crm_score_prediction button:contains(2 smaller effects)").click();
    expect(".o_crm_contributions tr").toHaveCount(10);
});

test("what would raise it most says what to do first", async () => {
    await mountCard({ score: makeScore(), prediction: false, missing_prediction: "none" });
    await unfold();
    expect(texts(".o_crm_score_advice li")).toEqual([
        "Fill in the company name(Company name is filled in) +5.00",
        "Bought before +12.50",
    ]);
});

test("what would raise the win probability most is shown in percentage points", async () => {
    await mountCard({ score: makeScore(), prediction: makePrediction(PARTS) });
    await unfold();
    expect(texts(".o_crm_score_raises li")).toEqual(["Fill in: Phone +6 points", "Get in touch with them +1 point"]);
    expect(".o_crm_score_raises").toHaveText(/does not have to cause it/);
});

test("the history is shown in numbers, too", async () => {
    await mountCard({ score: makeScore(), prediction: false, missing_prediction: "none" });
    await unfold();
    expect(".o_crm_course svg").toHaveAttribute("aria-label", "Score from 20 on Feb 20 to 33 now");
    await contains(".o_crm_course summary").click();
    expect(texts(".o_crm_course tbody tr")).toEqual([
        "Mar 1 33 B2 41%",
        "Feb 20 20 C2",
    ]);
});

test("without rules and without a prediction, the card says why", async () => {
    await mountCard({
        score: false,
        missing_score: "There are no active score rules yet.",
        prediction: false,
        missing_prediction: "To learn it needs at least 50 won leads, has 12.",
    });
    expect(".o_crm_score_none").toHaveText("There are no active score rules yet.");
    expect(".o_crm_score_unpredicted").toHaveText(
        "No prediction: To learn it needs at least 50 won leads, has 12."
    );
    expect(".o_crm_score_toggle").toHaveCount(0);
});

test("without access to the score, the card says so", async () => {
    await mountCard(() => {
        throw makeServerError({ type: "AccessError" });
    });
    expect(".o_crm_score_denied").toHaveCount(1);
});

test("an error can be tried again", async () => {
    const server = failingAt({ score: makeScore(), prediction: false, missing_prediction: "none" });
    await mountCard(server.answer);
    expect(".o_crm_score_failed").toHaveCount(1);
    server.mended();
    await contains(".o_crm_score_failed button").click();
    expect(".o_crm_grade").toHaveText("B2");
});

test("the card follows a saved form", async () => {
    await mountCard((leadId) => {
        expect.step(leadId);
        return { score: makeScore(), prediction: false, missing_prediction: "none" };
    });
    getMockEnv().bus.trigger("MAIL:RELOAD-THREAD", { model: "crm.lead", id: 6 });
    getMockEnv().bus.trigger("MAIL:RELOAD-THREAD", { model: "crm.lead", id: 5 });
    await animationFrame();
    expect.verifySteps([5, 5]);
});

test("the unfolded reasons stay from lead to lead", async () => {
    await mountCard({ score: makeScore(), prediction: false, missing_prediction: "none" });
    await unfold();
    expect(".o_crm_score_toggle").toHaveAttribute("aria-expanded", "true");
    expect(localStorage.getItem("crm_plus.score_card_open")).toBe("1");
});

test("a list shows grades as badges", async () => {
    await mountView({
        type: "list",
        resModel: "crm.lead",
        arch: `<list><field name="lead_grade" widget="crm_grade"/></list>`,
    });
    expect(".o_crm_grade").toHaveText("B2");
    expect(".o_crm_grade").toHaveAttribute("aria-label", "B2. Fit B (A is best), engagement 2 (1 is best)");
});
