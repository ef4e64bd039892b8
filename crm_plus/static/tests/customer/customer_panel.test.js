import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { click, hover, press, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    getService,
    makeServerError,
    mockService,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

class Customer extends models.Model {
    _name = "res.customer";

    name = fields.Char();

    _records = [
        { id: 1, name: "Azure Interior" },
        { id: 2, name: "Deco Addict" },
    ];
}

class Segment extends models.Model {
    _name = "crm.segment";

    name = fields.Char();
    color = fields.Integer();
    state = fields.Char();

    _records = [{ id: 4, name: "Loyal", color: 7, state: "active" }];
}

class Region extends models.Model {
    _name = "crm.segment.region";

    segment_id = fields.Many2one({ relation: "crm.segment" });
    r_min = fields.Integer();
    r_max = fields.Integer();
    f_min = fields.Integer();
    f_max = fields.Integer();
    m_min = fields.Integer();
    m_max = fields.Integer();

    _records = [{ id: 1, segment_id: 4, r_min: 1, r_max: 5, f_min: 1, f_max: 5, m_min: 1, m_max: 5 }];
}

class Family extends models.Model {
    _name = "crm.segment.family";

    segment_ids = fields.One2many({ relation: "crm.segment" });
    region_ids = fields.One2many({ relation: "crm.segment.region" });

    _records = [{ id: 1, segment_ids: [4], region_ids: [1] }];
}

class Profile extends models.Model {
    _name = "crm.customer.profile";

    name = fields.Char();
    segment_id = fields.Many2one({ relation: "crm.segment" });

    _records = [{ id: 1, name: "Azure Interior", segment_id: 4 }];
}

defineMailModels();
defineModels([Customer, Segment, Region, Family, Profile]);

const PANEL = {
    state: "ready",
    profile_id: 1,
    customer: false,
    currency_id: 1,
    segment: { id: 4, name: "Loyal", color: 7, why: ["In this segment since May."] },
    others: [{ id: 9, name: "Wholesale", color: 2, why: ["Reason: asked for it."] }],
    tier: {
        id: 2,
        name: "Silver",
        color: 8,
        why: ["Reason: $ 900 in 12 months."],
        until: false,
        next: { name: "Gold", progress: 60, text: "$ 600 to Gold" },
    },
    abc_class: { name: "Class B", why: ["B: the next 15 %."] },
    scores: [
        { key: "r", label: "Recency", score: 4, value: "12 days ago", why: ["Last order on May 3."] },
        { key: "f", label: "Frequency", score: 2, value: "3 orders", why: ["First order on March 3."] },
        { key: "m", label: "Revenue", score: 5, value: "$ 900", why: ["$ 300 per order."] },
    ],
    figures: [
        { key: "risk", label: "Churn risk", value: "High", detail: "62 %", level: "high", why: ["The probability..."] },
        { key: "next", label: "Next order", value: "2026-05-12", detail: "in 9 days", why: ["One every 30 days is usual."] },
        { key: "clv", label: "Lifetime value", value: "–", detail: "", why: ["3 customers; 100 are needed"] },
    ],
    months: [
        { month: "2026-01-01", amount: 300 },
        { month: "2026-02-01", amount: 600 },
    ],
    source: ["From confirmed orders."],
};

const FORM = `<form><widget name="crm_loyalty_panel"/><field name="name"/></form>`;

async function mountPanel(answer) {
    onRpc("crm.customer.profile", "loyalty_panel", ({ args }) => answer(args[0]));
    await mountView({ type: "form", resModel: "res.customer", resId: 1, resIds: [1, 2], arch: FORM });
    await animationFrame();
}

beforeEach(() => mockDate("2026-03-02 12:00:00", 0));

test("the panel shows segment, tier, class, scores and figures", async () => {
    await mountPanel(() => PANEL);
    expect(".o_crm_loyalty_segment .badge").toHaveText("Loyal");
    expect(".o_crm_loyalty_segment .badge").toHaveClass("o_badge_color_7");
    expect(".o_crm_loyalty_other .badge").toHaveText("Wholesale");
    expect(".o_crm_loyalty_tier .badge").toHaveText("Silver");
    expect(".o_crm_loyalty_class .badge").toHaveText("Class B");
    expect(queryAllTexts(".o_crm_rfm_part .fw-bold")).toEqual(["4", "2", "5"]);
    expect(".o_crm_rfm_part:first .o_on").toHaveCount(4);
    expect(".o_crm_loyalty_risk .fw-bold").toHaveText("High");
    expect(".o_crm_loyalty_risk .fw-bold").toHaveClass("text-danger");
    expect(".o_crm_loyalty_next_tier .progress").toHaveAttribute("aria-valuenow", "60");
    expect(".o_crm_loyalty_next .fw-bold").toHaveText("May 12");
    expect(".o_crm_spark_bar").toHaveCount(2);
    expect(".o_crm_spark_month title:first").toHaveText(/Jan 2026/);
});

test.tags("desktop");
test("every number says why, to the pointer and to the keyboard", async () => {
    await mountPanel(() => PANEL);
    await hover(".o_crm_loyalty_clv");
    await animationFrame();
    expect(".o_crm_why_lines").toHaveText("3 customers; 100 are needed");
    await hover(".o_field_widget[name=name]");
    await animationFrame();
    expect(".o_crm_why_lines").toHaveCount(0);
    queryFirst(".o_crm_rfm_part").focus();
    await animationFrame();
    expect(".o_crm_why_lines").toHaveText("Last order on May 3.");
    await press("Escape");
    await animationFrame();
    expect(".o_crm_why_lines").toHaveCount(0);
});

test("folded away, it stays so on the next form", async () => {
    await mountPanel(() => PANEL);
    await contains(".o_crm_loyalty_toggle").click();
    expect(".o_crm_loyalty_body").toHaveCount(0);
    expect(".o_crm_loyalty_segment").toHaveCount(1);
    expect(".o_crm_loyalty_toggle").toHaveAttribute("aria-expanded", "false");
    expect(localStorage.getItem("crm_plus.loyalty_collapsed")).toBe("1");
});

test.tags("desktop");
test("the next record shows its own figures", async () => {
    await mountPanel((id) => (id === 1 ? PANEL : { state: "empty", text: "No orders yet." }));
    await contains(".o_pager_next").click();
    await animationFrame();
    expect(".o_crm_loyalty_segment").toHaveCount(0);
    expect(".o_crm_loyalty_empty").toHaveText("No orders yet.");
});

test("who is no customer has no panel", async () => {
    await mountPanel(() => ({ state: "none" }));
    expect(".o_crm_loyalty_panel").toHaveCount(0);
});

test("a failure leaves the form usable and can be tried again", async () => {
    let isBroken = true;
    await mountPanel(() => {
        if (isBroken) {
            throw makeServerError({ type: "UserError", message: "Broken" });
        }
        return PANEL;
    });
    expect(".o_crm_loyalty_failed").toHaveCount(1);
    expect(".o_field_widget[name=name]").toHaveCount(1);
    isBroken = false;
    await contains(".o_crm_loyalty_failed button").click();
    expect(".o_crm_loyalty_segment").toHaveCount(1);
});

test("a segment is a tag in its color", async () => {
    await mountView({
        type: "list",
        resModel: "crm.customer.profile",
        arch: `<list><field name="segment_id" widget="crm_tag"/></list>`,
    });
    expect(".o_crm_tag").toHaveText("Loyal");
    expect(".o_crm_tag").toHaveClass("o_badge_color_7");
});

test("a gap and an overlap of the boxes are seen while they are edited", async () => {
    await mountView({
        type: "form",
        resModel: "crm.segment.family",
        resId: 1,
        arch: `
            <form>
                <field name="segment_ids"><list><field name="name"/><field name="color"/><field name="state"/></list></field>
                <field name="region_ids"><list editable="bottom">
                    <field name="segment_id"/><field name="r_min"/><field name="r_max"/><field name="f_min"/><field name="f_max"/><field name="m_min"/><field name="m_max"/>
                </list></field>
                <widget name="crm_score_cube"/>
            </form>`,
    });
    expect(".o_crm_score_cube td.badge").toHaveCount(125);
    expect(".o_crm_cube_gaps").toHaveCount(0);
    expect(".o_crm_score_cube td.badge:first").toHaveAttribute("aria-label", "R 5, F 1, M 5: Loyal");
    await contains(".o_field_widget[name=region_ids] .o_data_row:first [name=r_min]").click();
    await contains(".o_field_widget[name=region_ids] [name=r_min] input").edit("2", { confirm: "tab" });
    expect(".o_crm_cube_gaps").toHaveText(/25 of 125/);
    await contains(".o_field_widget[name=region_ids] [name=r_min] input").edit("1", { confirm: "tab" });
    expect(".o_crm_cube_gaps").toHaveCount(0);
});

const MAP = {
    currency_id: 1,
    cells: [
        { r: 5, f: 5, segment_id: 4, count: 30, revenue: 900 },
        { r: 1, f: 1, segment_id: false, count: 10, revenue: 100 },
    ],
    segments: [{ id: 4, name: "Loyal", color: 7, description: "Thank them" }],
};

async function mountMap(answer = MAP) {
    onRpc("crm.customer.profile", "segment_map", () => answer);
    mockService("action", {
        async doAction(action) {
            if (action.res_model) {
                expect.step([action.name, action.domain.slice(1)]);
                return;
            }
            return super.doAction(...arguments);
        },
    });
    await mountWithCleanup(WebClient);
    await getService("action").doAction({ type: "ir.actions.client", tag: "crm_segment_map" });
    await animationFrame();
}

test("a tile of the map opens its customers", async () => {
    await mountMap();
    expect(".o_crm_tile").toHaveCount(2);
    await click(".o_crm_tile[data-scores='55']");
    expect.verifySteps([
        ["Recency 5, frequency 5", [["recency_score", "=", 5], ["frequency_score", "=", 5]]],
    ]);
    await click(".o_crm_treemap_tile:contains(No segment)");
    expect.verifySteps([["No segment", [["segment_id", "=", false]]]]);
});

test("the map can be measured by revenue", async () => {
    await mountMap();
    expect(".o_crm_tile[data-scores='55']").toHaveText(/75%/);
    await contains(".o_crm_by_revenue").click();
    expect(".o_crm_tile[data-scores='55']").toHaveText(/90%/);
});

test("without customers the map says what to expect", async () => {
    await mountMap({ ...MAP, cells: [], segments: [] });
    expect(".o_crm_map_empty").toHaveCount(1);
    expect(".o_crm_score_grid").toHaveCount(0);
});

test("moves are shown as flows and as a table, and open their customers", async () => {
    onRpc("crm.segment.membership", "movement", ({ args }) => {
        expect(args).toEqual(["2026-01-31", "2026-03-02"]);
        return {
            flows: [
                { from_id: false, to_id: 4, count: 3 },
                { from_id: 4, to_id: 4, count: 9 },
            ],
            segments: MAP.segments,
            since: "2026-02-10",
        };
    });
    onRpc("crm.segment.membership", "action_moved", ({ args }) => {
        expect.step(args);
        return { type: "ir.actions.act_window_close" };
    });
    await mountMap();
    await contains(".o_crm_tab_movement").click();
    expect(".o_crm_movement_summary").toHaveText("Changed segment: 0. Stayed: 9.");
    expect(".o_crm_bands path").toHaveCount(1);
    await contains(".o_crm_movement input[type=checkbox]").click();
    expect(".o_crm_bands path").toHaveCount(2);
    await contains(".o_crm_matrix td button:contains(3)").click();
    expect.verifySteps([["Not a customer yet → Loyal, customers: 3", "2026-01-31", "2026-03-02", false, 4]]);
});
