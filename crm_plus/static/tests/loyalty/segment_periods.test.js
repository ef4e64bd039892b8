import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import { Component, useState, xml } from "@odoo/owl";
import { contains, makeServerError, mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";

import { failingAt } from "@crm_plus/../tests/shared/forms";
import { ParetoCurve } from "@crm_plus/customer/pareto_curve/pareto_curve";
import { RetentionTable } from "@crm_plus/customer/retention_table/retention_table";
import { SegmentMovement } from "@crm_plus/loyalty/segment_movement/segment_movement";

defineMailModels();

const MOVES = {
    flows: [{ from_id: 4, to_id: 4, count: 9 }],
    segments: [{ id: 4, name: "Loyal", color: 7 }],
    since: "2026-01-01",
    family_id: 1,
};
const RETENTION = {
    cohorts: [
        {
            start: "2026-01-01",
            size: 4,
            active: [4, 2, 1],
            retention: [100, 50, 25],
        },
        { start: "2026-03-01", size: 5, active: [5], retention: [100] },
    ],
    repeat_rate: 40,
    counted: "2026-02-27",
};

async function mount(component, props = {}) {
    await mountWithCleanup(component, { props });
    await animationFrame(); // what is loaded then
}

beforeEach(() => mockDate("2026-03-02 12:00:00", 0));

test.tags("desktop");
test("a first day after the last one takes that along", async () => {
    onRpc("crm.segment.membership", "movement", ({ args }) => {
        expect.step(args);
        return MOVES;
    });
    await mount(SegmentMovement);
    await contains(".o_crm_movement_day:last input").edit("02/10/2026");
    await contains(".o_crm_movement_day:first input").edit("02/20/2026");
    await contains(".o_crm_movement_day:last input").edit("02/15/2026");
    expect.verifySteps([
        ["2026-01-31", "2026-03-02"],
        ["2026-01-31", "2026-02-10"],
        ["2026-02-20", "2026-02-20"],
        ["2026-02-15", "2026-02-15"],
    ]);
});

test("customers who are none any more are opened by their last stays", async () => {
    onRpc("crm.segment.membership", "movement", () => ({
        ...MOVES,
        flows: [{ from_id: 4, to_id: false, count: 2 }],
    }));
    onRpc("crm.segment.membership", "action_moved", ({ args }) => {
        expect.step(args);
        return { type: "ir.actions.act_window_close" };
    });
    await mount(SegmentMovement);
    await contains(".o_crm_matrix button").click();
    expect.verifySteps([["Loyal → No longer a customer, customers: 2", "2026-01-31", "2026-03-02", 4, false]]);
});

test("moves that cannot be loaded are not those of another period, and can be tried again", async () => {
    let isBroken = false;
    onRpc("crm.segment.membership", "movement", () => {
        if (isBroken) {
            throw makeServerError();
        }
        return MOVES;
    });
    await mount(SegmentMovement);
    expect(".o_crm_movement_summary").toHaveCount(1);
    isBroken = true;
    await contains("button:contains(90 days)").click();
    await animationFrame();
    expect(".o_crm_movement_summary").toHaveCount(0);
    expect(".o_crm_load_failed").toHaveCount(1);
    isBroken = false;
    await contains(".o_crm_load_failed button").click();
    await animationFrame();
    expect(".o_crm_movement_summary").toHaveText("Changed segment: 0. Stayed: 9.");
});

test("the month that is not over looks different from the full ones", async () => {
    onRpc("crm.customer.cohort", "get_retention", () => RETENTION);
    await mount(RetentionTable);
    expect(queryAllTexts(".o_crm_retention_cell")).toEqual(["100%", "50%", "25%", "100%"]);
    expect(queryAllTexts(".o_crm_retention_cell.o_running")).toEqual(["25%"]);
    expect(".o_running").toHaveAttribute("title", "1 of 4 customers so far: the month is not over");
});

test("retention is measured by revenue for whoever may read it", async () => {
    const [cohort] = RETENTION.cohorts;
    const revenue = cohort.active.map((count) => 100 * count);
    onRpc("crm.customer.cohort", "get_retention", () => ({
        ...RETENTION,
        currency_id: 1,
        cohorts: [{ ...cohort, revenue: [revenue[0], 1.5 * revenue[0], ...revenue.slice(2)] }],
    }));
    await mount(RetentionTable);
    await contains(".o_crm_retention_revenue").click();
    await animationFrame();
    expect(queryAllTexts(".o_crm_retention_cell").slice(0, 2)).toEqual(["100%", "150%"]);
});

/** What is opened is a step: its name, and the companies of its context. */
function followWindows() {
    mockService("action", { doAction: ({ name, context }) => expect.step([name, context.allowed_company_ids ?? []]) });
    const window = ({ args, kwargs }) => {
        expect.step([...args, kwargs.context.allowed_company_ids]);
        return { name: "Customers", context: { create: false } };
    };
    onRpc("crm.customer.cohort", "action_open_customers", window);
    onRpc("crm.customer.profile", "action_open_concentration", window);
}

test("a cohort and each of its cells open the customers they count, and it says when it was counted", async () => {
    followWindows();
    onRpc("crm.customer.cohort", "get_retention", () => RETENTION);
    await mount(RetentionTable, { context: { allowed_company_ids: [3] } });
    expect(".o_crm_retention_counted").toHaveText("Updated weekly, last on Feb 27.");
    await contains("tbody th button:first").click();
    await contains(".o_crm_retention_cell:eq(1)").click();
    expect.verifySteps([
        ["2026-01-01", 0, {}, [3]],
        ["First order in Jan 2026", [3]],
        ["2026-01-01", 1, {}, [3]],
        ["First order in Jan 2026, ordered 1 month later", [3]],
    ]);
    expect(".o_crm_retention_cell:eq(1)").toHaveAttribute("aria-label", "50%, 1 month later: 2 of 4 customers");
});

test("a cell that counts nobody opens nothing", async () => {
    onRpc("crm.customer.cohort", "get_retention", () => ({
        ...RETENTION,
        cohorts: [{ start: "2026-01-01", size: 4, active: [4, 0, 1], retention: [100, 0, 25] }],
    }));
    await mount(RetentionTable);
    expect(".o_crm_retention_cell:eq(1)").not.toBeEnabled();
    expect(".o_crm_retention_cell:eq(2)").toBeEnabled();
});

test("with filters, retention is of whom they leave, says so, and opens these", async () => {
    followWindows();
    onRpc("crm.customer.cohort", "get_retention", ({ args }) => {
        expect.step(args);
        return RETENTION;
    });
    await mount(RetentionTable, { narrowed: { country_id: 20 } });
    expect(".o_crm_retention_counted").toHaveText("Of the customers that the filters leave today.");
    expect(".o_crm_retention").toHaveText(/40% of the customers that the filters leave/);
    await contains(".o_crm_retention_cell:eq(2)").click();
    expect.verifySteps([
        [12, { country_id: 20 }],
        ["2026-01-01", 2, { country_id: 20 }, [1]],
        ["First order in Jan 2026, ordered 2 months later", []],
    ]);
});

test("other filters are asked for anew, the same ones are not", async () => {
    onRpc("crm.customer.cohort", "get_retention", ({ args }) => {
        expect.step(args);
        return RETENTION;
    });
    onRpc("crm.customer.profile", "pareto_curve", ({ args }) => {
        expect.step(args);
        return CURVE;
    });
    class Parent extends Component {
        static components = { ParetoCurve, RetentionTable };
        static props = {};
        static template = xml`<RetentionTable narrowed="state.narrowed"/><ParetoCurve narrowed="state.narrowed"/>`;
        setup() {
            this.state = useState({ narrowed: {} });
        }
    }
    const parent = await mountWithCleanup(Parent);
    await animationFrame();
    expect.verifySteps([[12, {}], [{}]]);
    for (const narrowed of [{}, { tag_id: 4 }, { tag_id: 4 }]) {
        parent.state.narrowed = narrowed;
        await animationFrame();
    }
    expect.verifySteps([[12, { tag_id: 4 }], [{ tag_id: 4 }]]);
});

test("retention that cannot be loaded can be tried again", async () => {
    let isBroken = true;
    onRpc("crm.customer.cohort", "get_retention", () => {
        if (isBroken) {
            throw makeServerError();
        }
        return RETENTION;
    });
    await mount(RetentionTable);
    expect(".o_crm_retention_cell").toHaveCount(0);
    isBroken = false;
    await contains(".o_crm_load_failed button").click();
    await animationFrame();
    expect(".o_crm_retention_cell").toHaveCount(4);
});

const CURVE = {
    points: [
        { customers: 50, revenue: 90 },
        { customers: 100, revenue: 100 },
    ],
    top_share: 0.9,
    gini: 0.4,
    currency_id: 1,
    classes: [{ class: "A", customers: 1, revenue: 90, share: 0.9 }],
};

test("the headline opens the best customers, a class its own, of whom the filters leave", async () => {
    followWindows();
    onRpc("crm.customer.profile", "pareto_curve", () => CURVE);
    await mount(ParetoCurve, { narrowed: { tag_id: 4 }, context: { allowed_company_ids: [3] } });
    expect(".o_crm_pareto_narrowed").toHaveCount(1);
    await contains(".o_crm_pareto_headline").click();
    await contains("tbody button").click();
    expect.verifySteps([
        ["best", { tag_id: 4 }, [3]],
        ["The top 20% of customers", [3]],
        ["A", { tag_id: 4 }, [3]],
        ["ABC class A", [3]],
    ]);
});

test("retention that was counted some minutes ago says when, and is counted again of whom the filters leave", async () => {
    const answers = [{ ...RETENTION, kept: "2026-02-12 08:14:00" }, { ...RETENTION, kept: false }];
    onRpc("crm.customer.cohort", "get_retention", ({ args, kwargs }) => {
        expect.step([args, kwargs.again ?? "as kept"]);
        return answers.shift();
    });
    await mount(RetentionTable, { narrowed: { country_id: 20 } });
    expect(".o_crm_counted_at span").toHaveText(/^Counted at \d+:14 AM$/);
    await contains(".o_crm_counted_at button").click();
    await animationFrame();
    expect(".o_crm_counted_at").toHaveCount(0);
    expect.verifySteps([
        [[12, { country_id: 20 }], "as kept"],
        [[12, { country_id: 20 }], true],
    ]);
});

test("a curve that was counted some minutes ago says when, and is counted again of whom the filters leave", async () => {
    const answers = [{ ...CURVE, kept: "2026-02-12 08:14:00" }, { ...CURVE, kept: false }];
    onRpc("crm.customer.profile", "pareto_curve", ({ args, kwargs }) => {
        expect.step([args, kwargs.again ?? "as kept"]);
        return answers.shift();
    });
    await mount(ParetoCurve, { narrowed: { tag_id: 4 } });
    expect(".o_crm_counted_at span").toHaveText(/^Counted at \d+:14 AM$/);
    await contains(".o_crm_counted_at button").click();
    await animationFrame();
    expect(".o_crm_counted_at").toHaveCount(0);
    expect.verifySteps([
        [[{ tag_id: 4 }], "as kept"],
        [[{ tag_id: 4 }], true],
    ]);
});

test("a curve that cannot be loaded can be tried again, without one it says why", async () => {
    const { answer, mended } = failingAt({ ...CURVE, points: [], classes: [] });
    onRpc("crm.customer.profile", "pareto_curve", () => answer());
    await mount(ParetoCurve, { narrowed: { tag_id: 4 } });
    expect(".o_crm_load_failed").toHaveCount(1);
    mended();
    await contains(".o_crm_load_failed button").click();
    await animationFrame();
    expect(".o_crm_pareto_none").toHaveText(/have brought nothing yet/);
});

test("amounts that one may not read are not drawn", async () => {
    onRpc("crm.customer.profile", "pareto_curve", () => ({ ...CURVE, points: [], amount_note: "Not shown to readers." }));
    await mount(ParetoCurve);
    expect(".o_crm_pareto").toHaveText("Not shown to readers.");
    expect(".o_crm_pareto svg").toHaveCount(0);
});

test("the headline and the shares are those of whole customers, as the server counts them", async () => {
    onRpc("crm.customer.profile", "pareto_curve", () => ({
        points: [
            { customers: 50, revenue: 90 },
            { customers: 100, revenue: 100 },
        ],
        top_share: 0.9,
        gini: 0.4,
        currency_id: 1,
        classes: [
            { class: "A", customers: 1, revenue: 90, share: 0.9 },
            { class: "C", customers: 2, revenue: 4, share: 0.1 },
        ],
    }));
    await mount(ParetoCurve);
    expect(".o_crm_pareto_headline").toHaveText("The top 20% of customers account for 90% of revenue.");
    expect(queryAllTexts("tbody td:last-child")).toEqual(["90%", "10%"]);
    expect(".o_crm_pareto_value").toHaveText("Revenue");
});

test("where margins decide, all of it is said of margins", async () => {
    onRpc("crm.customer.profile", "pareto_curve", () => ({
        by: "margin",
        points: [{ customers: 100, revenue: 100 }],
        top_share: 0.8,
        currency_id: 1,
        classes: [{ class: "A", customers: 1, revenue: 90, share: 1 }],
    }));
    await mount(ParetoCurve);
    expect(".o_crm_pareto_headline").toHaveText("The top 20% of customers account for 80% of the margin.");
    expect(".o_crm_pareto_value").toHaveText("Margin");
    expect(".o_crm_pareto").not.toHaveText(/revenue/i);
});
