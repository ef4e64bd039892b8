import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { click, queryAllTexts, waitFor } from "@odoo/hoot-dom";
import { Deferred, animationFrame, mockDate } from "@odoo/hoot-mock";
import { cardRows } from "@crm_plus/kpi/card_chooser/card_chooser";
import { HeatTable } from "@crm_plus/kpi/heat_table/heat_table";
import { RowBars } from "@crm_plus/kpi/row_bars/row_bars";
import { Overview } from "@crm_plus/kpi/overview/overview";
import { HEADS } from "@crm_plus/kpi/overview/overview_heads";
import { effortRows, reportRows } from "@crm_plus/kpi/overview/overview_rows";
import { changeText, chosenIn, figureText, pointsText, tendency } from "@crm_plus/kpi/overview/overview_texts";
import { makeServerError, mockService, mountWithCleanup, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { user } from "@web/core/user";

defineMailModels();
beforeEach(() => mockDate("2026-05-12 10:00:00"));

const BOARD = {
    currency_id: 1,
    figures: [
        {
            code: "customers",
            label: "Customers",
            value: 120,
            unit: "count",
            before: 100,
            change: 20,
            better: 1,
            target: false,
            opens: true,
            has_course: true,
            why: ["As of 2026-05-11."],
        },
        {
            code: "lost_customers",
            label: "Lost customers",
            value: 4,
            unit: "count",
            before: 2,
            change: 100,
            better: -1,
            target: false,
            opens: false,
            has_course: true,
            why: ["Added up."],
        },
    ],
    note: false,
    segments: [{ id: 4, name: "Loyal", color: 7, count: 30, revenue: 900, before: 35 }],
    funnel: [
        { key: "leads", label: "Leads", count: 10, share: 100, days: false },
        { key: "again", label: "Leads with a second order", count: 1, share: 10, days: 12.5 },
    ],
    channels: [{ id: 2, name: "Phone", in: 3, out: 5, none: 0 }],
    grades: [{ grade: "A", closed: 4, won: 3, rate: 75 }],
};

const CARDS = ["figures", "segments", "funnel", "channels", "grades", "retention", "concentration"];

const NORTH = { id: 5, name: "North" };

async function mountBoard(answer = () => BOARD, cards = CARDS, teams = [NORTH]) {
    onRpc("crm.kpi.day", "overview_cards", () => ({ cards, origin: "standard", team: "North", teams }));
    onRpc("crm.kpi.day", "overview", ({ args }) => {
        expect.step(args[0]);
        return answer();
    });
    onRpc("crm.kpi.day", "overview_course", () => [
        { day: "2026-05-01", value: 110, replayed: true },
        { day: "2026-05-02", value: 120, replayed: false },
    ]);
    onRpc("crm.customer.cohort", "get_retention", () => ({ cohorts: [], repeat_rate: 0, counted: false }));
    onRpc("crm.customer.profile", "pareto_curve", () => ({ classes: [], points: [], top_share: null, gini: null }));
    await mountWithCleanup(Overview, {
        props: {
            action: {},
            actionId: 1,
            updateActionState: (state) => expect.step(["address", state.date_from, state.date_to]),
        },
    });
    for (let turn = 0; turn < 4; turn++) {
        await animationFrame();
    }
}

test("figures stand beside their change, good or bad", async () => {
    await mountBoard();
    expect.verifySteps([{ date_from: "2026-02-11", date_to: "2026-05-11" }]);
    expect(queryAllTexts(".o_crm_overview_figure .fs-4")).toEqual(["120", "4"]);
    expect(".o_crm_figure_customers .o_crm_change.o_crm_good").toHaveText("+20%");
    expect(".o_crm_figure_lost_customers .o_crm_change.o_crm_bad").toHaveText("+100%");
});

test("what was counted some minutes ago says when, and is counted again on demand", async () => {
    const answers = [{ ...BOARD, kept: "2026-02-12 08:14:00" }, { ...BOARD, kept: false }];
    await mountBoard(() => answers.shift());
    expect(".o_crm_counted_at").toHaveCount(1);
    expect(".o_crm_counted_at span").toHaveText("Counted at 9:14 AM");
    onRpc("crm.kpi.day", "overview", ({ kwargs }) => {
        expect.step(kwargs.again);
        return answers.shift();
    });
    await click(".o_crm_counted_at button:contains(Count again)");
    await animationFrame();
    await animationFrame();
    expect(".o_crm_counted_at").toHaveCount(0);
    expect.verifySteps([{ date_from: "2026-02-11", date_to: "2026-05-11" }, true]);
});

test("a figure and a row open their records", async () => {
    mockService("action", { doAction: (action) => expect.step(action.name) });
    onRpc("crm.kpi.day", "action_open", ({ args }) => ({ name: args.slice(0, 2).join(" ") }));
    await mountBoard();
    await click(".o_crm_figure_customers .o_crm_figure_open");
    await animationFrame();
    await click(".o_crm_row_bars button:contains(Phone)");
    await animationFrame();
    expect.verifySteps([{ date_from: "2026-02-11", date_to: "2026-05-11" }, "figure customers", "channel 2"]);
    expect(".o_crm_figure_lost_customers .o_crm_figure_open").toHaveCount(0);
});

test("another period is asked for and stands in the address", async () => {
    await mountBoard();
    await click(".o_crm_overview_filters button:contains(30 days)");
    await animationFrame();
    expect.verifySteps([
        { date_from: "2026-02-11", date_to: "2026-05-11" },
        ["address", "2026-04-12", "2026-05-11"],
        { date_from: "2026-04-12", date_to: "2026-05-11" },
    ]);
});

test("the course of a figure has a table", async () => {
    await mountBoard();
    expect.verifySteps([{ date_from: "2026-02-11", date_to: "2026-05-11" }]);
    await click(".o_crm_figure_customers .o_crm_figure_course");
    await waitFor(".o_crm_course_line tbody tr", { timeout: 5000 });
    expect(".o_crm_course_line h2").toHaveText("Customers");
    expect(".o_crm_course_line tbody tr").toHaveCount(2);
    await click(".o_crm_course_line summary");
    await animationFrame();
    expect(".o_crm_course_line tbody tr:first").toHaveText(/May 1\s*110\s*counted from documents/);
});

test("what could not be loaded can be tried again", async () => {
    let fails = true;
    await mountBoard(() => {
        if (fails) {
            throw makeServerError({ message: "down" });
        }
        return BOARD;
    });
    expect(".o_crm_load_failed").toHaveCount(1);
    fails = false;
    await click(".o_crm_load_failed button");
    await animationFrame();
    expect(".o_crm_overview_figure").toHaveCount(2);
    expect.verifySteps([
        { date_from: "2026-02-11", date_to: "2026-05-11" },
        { date_from: "2026-02-11", date_to: "2026-05-11" },
    ]);
});

test("cards stand in the order that was chosen, the others are not there", async () => {
    await mountBoard(() => BOARD, ["grades", "funnel"]);
    expect.verifySteps([{ date_from: "2026-02-11", date_to: "2026-05-11" }]);
    expect(queryAllTexts(".o_crm_overview_card h2")).toEqual(["Lead grade and real win rate", "From lead to second order"]);
});

test("a choice of cards is kept, moved and left out", async () => {
    onRpc("crm.kpi.day", "set_overview_cards", ({ args }) => {
        expect.step(args);
        return { cards: args[0], origin: "user", team: "North", teams: [NORTH] };
    });
    await mountBoard(() => BOARD, ["grades", "funnel", "channels"]);
    await click(".o_crm_choose_cards");
    await waitFor(".o_crm_card_rows");
    await click(".o_crm_card_funnel .o_crm_card_up");
    await animationFrame();
    await click(".o_crm_card_channels input");
    await animationFrame();
    await click(".o_crm_keep_mine");
    for (let turn = 0; turn < 3; turn++) {
        await animationFrame();
    }
    const period = { date_from: "2026-02-11", date_to: "2026-05-11" };
    expect.verifySteps([period, [["funnel", "grades"], []], period]);
    expect(queryAllTexts(".o_crm_overview_card h2")).toEqual(["From lead to second order", "Lead grade and real win rate"]);
});

/** The chooser of a sales manager of these teams; what is kept is a step. */
async function mountChooser(teams) {
    patchWithCleanup(user, { hasGroup: async () => true });
    onRpc("crm.kpi.day", "set_overview_cards", ({ args }) => {
        expect.step(args);
        return { cards: args[0], origin: "team", team: "North", teams };
    });
    await mountBoard(() => BOARD, ["grades"], teams);
    await click(".o_crm_choose_cards");
    await waitFor(".o_crm_card_rows");
    expect.verifySteps([{ date_from: "2026-02-11", date_to: "2026-05-11" }]);
}

test("a manager of several sales teams chooses for which of them", async () => {
    await mountChooser([NORTH, { id: 6, name: "South" }, { id: 7, name: "West" }]);
    expect(queryAllTexts(".o_crm_card_teams label")).toEqual(["North", "South", "West"]);
    expect(".o_crm_card_teams input:checked").toHaveCount(3);
    for (const place of [1, 2, 3]) {
        await click(`.o_crm_card_teams label:nth-of-type(${place}) input`);
    }
    await animationFrame();
    expect(".o_crm_keep_team").not.toBeEnabled({ message: "for nobody there is nothing to save" });
    await click(".o_crm_card_teams label:nth-of-type(3) input");
    await click(".o_crm_card_teams label:nth-of-type(2) input");
    await animationFrame();
    await click(".o_crm_keep_team");
    await animationFrame();
    expect.verifySteps([[["grades"], [7, 6]], { date_from: "2026-02-11", date_to: "2026-05-11" }]);
});

test("a manager of one sales team is not asked for which", async () => {
    await mountChooser([NORTH]);
    expect(".o_crm_card_teams").toHaveCount(0);
    expect(".o_crm_keep_team").toHaveText("Save for my team");
    await click(".o_crm_keep_team");
    await animationFrame();
    expect.verifySteps([[["grades"], [5]], { date_from: "2026-02-11", date_to: "2026-05-11" }]);
});

test("the ways of leads are told apart by what is chosen", async () => {
    const way = (label, counts) => ({ key: `source_${label}`, label, counts, days: 4 });
    onRpc("crm.kpi.day", "overview_card", () => ({
        source: [way("Fair", [10, 5, 4, 2, 1])],
        team: [way("North", [3, 3, 0, 0, 0]), way("South", [7, 2, 0, 0, 0])],
        country: [],
    }));
    await mountBoard(() => BOARD, ["ways"]);
    await waitFor(".o_crm_card_of_ways tbody tr", { timeout: 3000 });
    expect(queryAllTexts(".o_crm_card_of_ways tbody td")).toEqual(["10", "50%", "40%", "20%", "10%", "4.0"]);
    await click(".o_crm_way_team");
    await animationFrame();
    expect(queryAllTexts(".o_crm_card_of_ways tbody th")).toEqual(["North", "South"]);
    expect.verifySteps([{ date_from: "2026-02-11", date_to: "2026-05-11" }]);
});

test("a report of another module is a card like the others", () => {
    const heads = [
        { label: "Reached", why: "How many.", unit: "count" },
        { label: "Return", why: "Per cost.", unit: "percent" },
    ];
    const rows = [{ key: "7", label: "Fair", values: [12, false] }];
    expect(reportRows({ heads, rows, currency_id: 1 })).toEqual([
        { key: "7", label: "Fair", size: 12, cells: ["12", "–"] },
    ]);
});

test("another company stands in the address like the filters", () => {
    const period = { from: "2026-01-01", to: "2026-01-31" };
    expect(chosenIn({ company_id: "3", country_id: 7 }, period)).toEqual({
        date_from: "2026-01-01",
        date_to: "2026-01-31",
        country_id: 7,
        company_id: 3,
    });
});

test("a card that comes into view is counted then", async () => {
    onRpc("crm.kpi.day", "overview_card", ({ args }) => {
        expect.step(args[0]);
        return {
            channels: [{ key: 2, label: "Email", asked: 4, answered: 3, hours: 1.5 }],
            sources: [],
            is_working_time: true,
        };
    });
    await mountBoard(() => BOARD, ["answers"]);
    await waitFor(".o_crm_card_of_answers tbody tr", { timeout: 3000 });
    expect.verifySteps([{ date_from: "2026-02-11", date_to: "2026-05-11" }, "answers"]);
    expect(queryAllTexts(".o_crm_card_of_answers tbody td")).toEqual(["4", "75%", "1.5"]);
});

test("a card that is being counted is counted anew for another period", async () => {
    const first = new Deferred();
    onRpc("crm.kpi.day", "overview_card", async ({ args }) => {
        const isFirst = args[1].date_from === "2026-02-11";
        expect.step(isFirst ? "first" : "second");
        if (isFirst) {
            await first;
        }
        return {
            channels: [{ key: 2, label: "Email", asked: isFirst ? 4 : 1, answered: 1, hours: 1 }],
            sources: [],
            is_working_time: true,
        };
    });
    await mountBoard(() => BOARD, ["answers"]);
    await expect.waitForSteps([{ date_from: "2026-02-11", date_to: "2026-05-11" }, "first"]);
    await click(".o_crm_overview_filters button:contains(30 days)");
    await animationFrame();
    first.resolve();
    await waitFor(".o_crm_card_of_answers tbody tr", { timeout: 3000 });
    expect(queryAllTexts(".o_crm_card_of_answers tbody td")).toEqual(["1", "100%", "1.0"]);
    expect.verifySteps([
        ["address", "2026-04-12", "2026-05-11"],
        { date_from: "2026-04-12", date_to: "2026-05-11" },
        "second",
    ]);
});

test("cells of a table are the stronger the more they hold, and open what they count", async () => {
    await mountWithCleanup(HeatTable, {
        props: {
            name: "Product",
            total: "Revenue",
            columns: [
                { key: 3, label: "Loyal" },
                { key: 0, label: "None" },
            ],
            rows: [{ key: 7, label: "Desk", sum: 30, cells: [20, 10] }],
            text: String,
            onOpen: (row, column) => expect.step([row, column]),
        },
    });
    expect(".o_crm_heat_cell:first").toHaveAttribute("style", "background-color: rgba(11, 106, 162, 0.45)");
    expect(".o_crm_heat_cell:last").toHaveAttribute("style", "background-color: rgba(11, 106, 162, 0.23)");
    await click(".o_crm_heat_cell:last button");
    await click("tbody th button");
    expect.verifySteps([
        [7, 0],
        [7, null],
    ]);
});

test("bars are in proportion to the largest", async () => {
    const rows = [
        { key: 1, label: "A", size: 10, cells: ["10"] },
        { key: 2, label: "B", size: 5, cells: ["5"], isClosed: true },
        { key: 3, label: "C", size: 0, cells: ["0"] },
    ];
    await mountWithCleanup(RowBars, { props: { name: "Step", heads: [{ label: "Count", why: "How many." }], rows, onOpen: () => {} } });
    expect(".o_crm_row_bar:first").toHaveAttribute("style", "width: 100.0%");
    expect(".o_crm_row_bar:last").toHaveAttribute("style", "width: 50.0%");
    expect(".o_crm_row_bar").toHaveCount(2, { message: "nothing has no bar" });
    expect("tbody tr:eq(1) button").toHaveCount(0);
});

test("cards that are not shown follow those that are", () => {
    expect(cardRows(["b"], ["a", "b", "c"]).map(({ name, isShown }) => [name, isShown])).toEqual([
        ["b", true],
        ["a", false],
        ["c", false],
    ]);
});

describe("texts", () => {
    test("of values and changes", () => {
        expect(figureText({ unit: "percent" }, 12.34)).toBe("12.3%");
        expect(figureText({ unit: "hours" }, 2.25)).toBe("2.3");
        expect(figureText({ unit: "count" }, false)).toBe("–");
        expect(changeText(12.4)).toBe("+12%");
        expect(changeText(-3)).toBe("−3%");
        expect(changeText(0.01)).toBe("0%");
        expect(changeText(null)).toBe("");
        expect([pointsText(7.6), pointsText(-12), pointsText(0.2), pointsText(null)]).toEqual(["+8", "−12", "0", ""]);
        expect(tendency({ better: -1, change: 5 })).toBe("bad");
        expect(tendency({ better: -1, change: 0.01 })).toBe("even");
        expect(tendency({ better: 1, change: null })).toBe("even");
    });

    test("of an address are read only as far as they are filters", () => {
        const period = { from: "2026-02-11", to: "2026-05-11" };
        expect(chosenIn({ team_id: 3, action: "x", user_id: "no", date_from: "2026-03-01" }, period)).toEqual({
            date_from: "2026-03-01",
            date_to: "2026-05-11",
            team_id: 3,
        });
        expect(chosenIn({ date_from: "2027-01-01" }, period)).toEqual({
            date_from: "2026-02-11",
            date_to: "2026-05-11",
        });
    });
});

test("every head explains the numbers below it", () => {
    const heads = Object.entries(HEADS());
    expect(heads.length).toBeGreaterThan(15);
    for (const [column, { label, why }] of heads) {
        expect(Boolean(label && why)).toBe(true, { message: column });
    }
});

test("a figure before and since says what it is", () => {
    const row = { code: "orders", label: "Orders", unit: "count", then: 1, now: 2, change: 100, why: "How many." };
    expect(effortRows([row], 1)[0].why).toBe("How many.");
});
