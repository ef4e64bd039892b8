import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import { contains, makeServerError, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";

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
            begins: "2026-01-01 05:00:00",
            ends: "2026-02-01 05:00:00",
            size: 4,
            active: [4, 2, 1],
            retention: [100, 50, 25],
        },
        { start: "2026-03-01", size: 5, active: [5], retention: [100] },
    ],
    repeat_rate: 40,
    counted: "2026-02-27",
};

const mount = (component) =>
    mountWithCleanup(component, { props: component.props.onOpen ? { onOpen: () => {} } : {} });

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

test("a cohort opens the customers of its month as its company has it, and says when it was counted", async () => {
    onRpc("crm.customer.cohort", "get_retention", () => RETENTION);
    await mountWithCleanup(RetentionTable, { props: { onOpen: (_name, domain) => expect.step(domain) } });
    expect(".o_crm_retention_counted").toHaveText("Updated weekly, last on Feb 27.");
    await contains("tbody button:first").click();
    expect.verifySteps([
        [
            ["first_order_date", ">=", "2026-01-01 05:00:00"],
            ["first_order_date", "<", "2026-02-01 05:00:00"],
        ],
    ]);
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
