import { Customer, defineFormModels, texts } from "@crm_plus/../tests/shared/forms";
import { Overview } from "@crm_plus/kpi/overview/overview";
import { beforeEach, expect, test } from "@odoo/hoot";
import { click, queryAllTexts, waitFor } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import { mockService, mountWithCleanup, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { router } from "@web/core/browser/router";

defineFormModels(Customer);
beforeEach(() => mockDate("2026-05-12 10:00:00"));

const BOARD = { currency_id: 1, figures: [], note: false, segments: [], funnel: [], channels: [], grades: [] };

/** The overview with one card, which the server answers so; `chosen` stands in the address. */
async function mountCard(card, answer, { chosen = {}, board = BOARD, reports = {} } = {}) {
    patchWithCleanup(router, { current: chosen });
    mockService("action", { doAction: (action) => expect.step(action.name) });
    onRpc("crm.kpi.day", "action_open", ({ args }) => ({ name: args.slice(0, 2).join(" ") }));
    onRpc("crm.kpi.day", "overview_cards", () => ({ cards: [card], reports, origin: "user", team: false, teams: [] }));
    onRpc("crm.kpi.day", "overview", () => board);
    onRpc("crm.kpi.day", "overview_card", () => ({ currency_id: 1, ...answer }));
    await mountWithCleanup(Overview, { props: { action: {}, actionId: 1, updateActionState: () => {} } });
    await waitFor(`.o_crm_card_of_${card}`);
    for (let turn = 0; turn < 4; turn++) {
        await animationFrame();
    }
}

test("a Net Promoter Score says of how many answers it is, and its change is in points", async () => {
    const figure = {
        code: "nps",
        label: "Net Promoter Score",
        value: 32,
        unit: "points",
        before: 25,
        change: 7,
        better: 1,
        target: 40,
        opens: true,
        has_course: true,
        why: ["What it is."],
        note: "12 answers, too few to tell",
    };
    await mountCard("figures", {}, { board: { ...BOARD, figures: [figure] } });
    expect(".o_crm_figure_nps .fs-4").toHaveText("32");
    expect(".o_crm_figure_nps .o_crm_figure_note").toHaveText("12 answers, too few to tell");
    expect(".o_crm_figure_nps .o_crm_change.o_crm_good").toHaveText("+7");
    expect(".o_crm_figure_nps .progress").toHaveAttribute("aria-valuenow", "80");
});

test("products stand by the segments of their buyers, and each cell opens what it adds up", async () => {
    await mountCard("products", {
        segments: [
            { id: 3, name: "Loyal" },
            { id: 0, name: "No segment" },
        ],
        rows: [{ id: 7, name: "Desk", revenue: 300, cells: [200, 100] }],
    });
    await waitFor(".o_crm_heat_cell");
    expect(queryAllTexts(".o_crm_card_of_products thead th")).toEqual(["Product", "Revenue", "Loyal", "No segment"]);
    await click(".o_crm_heat_cell:last button");
    await animationFrame();
    await click(".o_crm_card_of_products tbody th button");
    await animationFrame();
    expect.verifySteps(["product 7_0", "product 7"]);
});

const FORECAST = {
    expected: 120,
    customers: 30,
    low: 100,
    high: 150,
    shortfall: false,
    course: [],
    check: { from: "2025-05-01", until: "2026-05-01", forecast: 110, came: 100, repeated: 90, off: 10 },
};

test("a forecast has its limits, and what became of the last one", async () => {
    await mountCard("forecast", FORECAST);
    await waitFor(".o_crm_forecast_open");
    expect(".o_crm_forecast_open").toHaveText("120");
    expect(".o_crm_card_of_forecast").toHaveText(/between 100 and 150/);
    expect(".o_crm_forecast_checked").toHaveText(/110 were forecast .*; 100 came.*Off by \+10%/);
    expect(".o_crm_forecast_all").toHaveCount(0);
    await click(".o_crm_forecast_open");
    await animationFrame();
    await click(".o_crm_forecast_checked button");
    await animationFrame();
    expect.verifySteps(["forecast customers", "forecast check"]);
});

test("with filters the forecast says that its check is of all customers", async () => {
    await mountCard("forecast", { ...FORECAST, low: false, high: false }, { chosen: { country_id: 20 } });
    await waitFor(".o_crm_forecast_all");
    expect(".o_crm_card_of_forecast").toHaveText(/Limits are known for all customers together only/);
});

test("without a forecast it says why", async () => {
    await mountCard("forecast", { ...FORECAST, expected: false, check: false, shortfall: "Customers: 12." });
    await waitFor(".o_crm_card_of_forecast p");
    expect(".o_crm_card_of_forecast p").toHaveText("Customers: 12.");
});

const EFFORT = {
    periods: [
        ["2025-01-01", "2025-03-31"],
        ["2026-01-01", "2026-03-31"],
    ],
    rows: [{ code: "orders", label: "Orders", unit: "count", then: 10, now: 12, change: 20, better: 1, why: "How many." }],
    segments: [],
    gain: 500,
    cost: 100,
    return: 400,
    basis: "margin",
    contact_cost: 2,
};

test("the return of the effort is told with its formula, and opens what it compares", async () => {
    await mountCard("effort", EFFORT);
    await waitFor(".o_crm_effort_return");
    expect(texts(".o_crm_effort_return")[0]).toMatch(/500.* more margin a month.*Return: \(gain − cost\) \/ cost = \+400%/);
    expect(queryAllTexts(".o_crm_card_of_effort tbody td")).toEqual(["10", "12", "+20%"]);
    expect(".o_crm_effort_all").toHaveCount(0);
    await click(".o_crm_card_of_effort tbody button");
    await animationFrame();
    expect.verifySteps(["effort orders"]);
});

test("what filters cannot narrow says so, and why", async () => {
    await mountCard("effort", EFFORT, { chosen: { user_id: 5 } });
    await waitFor(".o_crm_effort_all");
    expect(".o_crm_effort_all").toHaveText(/Filters change nothing here/);
});

test("without a year before, the effort says when it can be told", async () => {
    await mountCard("effort", { ...EFFORT, periods: false, rows: [] });
    await waitFor(".o_crm_effort_early");
    expect(".o_crm_effort_return").toHaveCount(0);
});

test("less than before, and a cost that nobody knows, are said so", async () => {
    await mountCard("effort", { ...EFFORT, gain: -70, cost: false, return: false, basis: "revenue", contact_cost: 0 });
    await waitFor(".o_crm_effort_return");
    expect(texts(".o_crm_effort_return")[0]).toMatch(/70.* less revenue a month.*What a contact costs is not known/);
});

test("a report of another module is a card with its own heads, and its rows open", async () => {
    const answer = {
        heads: [
            { label: "Revenue", why: "What came.", unit: "money" },
            { label: "Share", why: "Of all.", unit: "percent" },
        ],
        rows: [{ key: "7", label: "Fair", values: [12, 50] }],
    };
    await mountCard("campaigns", answer, { reports: { campaigns: "Campaigns" } });
    await waitFor(".o_crm_card_of_campaigns tbody tr");
    expect(".o_crm_card_of_campaigns h2").toHaveText("Campaigns");
    expect(queryAllTexts(".o_crm_card_of_campaigns tbody td").at(-1)).toBe("50%");
    await click(".o_crm_card_of_campaigns tbody button");
    await animationFrame();
    expect.verifySteps(["campaigns 7"]);
});

test("retention is asked with the filters alone: another period changes nothing", async () => {
    onRpc("crm.customer.cohort", "get_retention", ({ args }) => {
        expect.step(args);
        return { cohorts: [], repeat_rate: 0, counted: false };
    });
    await mountCard("retention", {}, { chosen: { country_id: 20, date_from: "2026-01-01" } });
    expect.verifySteps([[12, { country_id: 20 }]]);
    expect(".o_crm_retention_none").toHaveCount(1);
    await click(".o_crm_overview_filters button:contains(30 days)");
    await animationFrame();
    expect.verifySteps([]);
});

test("whoever follows a link, or comes back from a list, finds what was chosen there, in the address as well", async () => {
    const asked = async (current, state) => {
        patchWithCleanup(router, { current });
        const updateActionState = (chosen) => expect.step(["address", chosen.country_id, chosen.date_from]);
        const action = { path: "crm-overview" };
        await mountWithCleanup(Overview, { props: { action, actionId: 1, state, updateActionState } });
        await animationFrame();
        await animationFrame();
    };
    onRpc("crm.kpi.day", "overview_cards", () => ({ cards: ["funnel"], reports: {}, origin: "user", team: false, teams: [] }));
    onRpc("crm.kpi.day", "overview", ({ args: [{ country_id, date_from }] }) => {
        expect.step(["asked", country_id, date_from]);
        return BOARD;
    });
    await asked({ country_id: 20 });
    expect.verifySteps([
        ["address", 20, "2026-02-11"],
        ["asked", 20, "2026-02-11"],
    ]);
    await asked({}, { chosen: { date_from: "2026-05-01", date_to: "2026-05-11", country_id: 3 } });
    expect.verifySteps([["asked", 3, "2026-05-01"]]);
    // The browser goes back to a list that the host cannot open again, and so on to here.
    const actionStack = [{ action: "crm-overview", country_id: 7 }, { model: "crm.lead" }];
    await asked({ actionStack, model: "crm.lead" });
    expect.verifySteps([
        ["address", 7, "2026-02-11"],
        ["asked", 7, "2026-02-11"],
    ]);
});
