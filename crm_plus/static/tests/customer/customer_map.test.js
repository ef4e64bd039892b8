import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { click, queryAll } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    getService,
    mockService,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

import { SegmentMap } from "@crm_plus/customer/segment_map/segment_map";
import { SegmentTreemap } from "@crm_plus/loyalty/segment_treemap/segment_treemap";

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
defineModels([Segment, Region, Family, Profile]);

beforeEach(() => mockDate("2026-03-02 12:00:00", 0));

test("a segment is a tag in its color", async () => {
    await mountView({
        type: "list",
        resModel: "crm.customer.profile",
        arch: `<list><field name="segment_id" widget="crm_tag"/></list>`,
    });
    expect(".o_crm_tag").toHaveText("Loyal");
    expect(".o_crm_tag").toHaveClass("o_badge_color_7");
});

test("in a form a tag leads to the contacts that have it", async () => {
    mockService("action", { doAction: ({ res_model, domain }) => expect.step([res_model, domain]) });
    await mountView({
        type: "form",
        resModel: "crm.customer.profile",
        resId: 1,
        arch: `<form><field name="segment_id" widget="crm_tag" readonly="1"/></form>`,
    });
    await contains("button.o_crm_tag").click();
    expect.verifySteps([["res.partner", [["crm_segment_id", "=", 4]]]]);
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

test("a tile that is lower than a line has its name for those who point at it only", async () => {
    const segments = [560, 420, 9, 9, 2].map((value, id) => ({ id, name: `Segment ${id}`, color: id, description: "", value }));
    await mountWithCleanup(SegmentTreemap, { props: { segments, format: String, onOpen: () => {} } });
    const low = queryAll(".o_crm_treemap_tile").filter(({ style }) => parseFloat(style.height) < 5);
    expect(low.map(({ innerText }) => innerText)).toEqual(low.map(() => ""));
    expect(low.length).toBeGreaterThan(0);
    expect(".o_crm_treemap_tile:contains(Segment 0)").toHaveCount(1);
    expect(low[0]).toHaveAttribute("title", /Segment/);
});

test("the map can be measured by revenue", async () => {
    await mountMap();
    expect(".o_crm_tile[data-scores='55']").toHaveText(/75%/);
    await contains(".o_crm_by_revenue").click();
    expect(".o_crm_tile[data-scores='55']").toHaveText(/90%/);
});

test("whoever comes back from a list finds what they looked at", async () => {
    onRpc("crm.customer.profile", "segment_map", () => MAP);
    const state = { shown: { tab: "map", measure: "revenue" } };
    await mountWithCleanup(SegmentMap, { props: { action: {}, actionId: 1, state } });
    expect(".o_crm_tile[data-scores='55']").toHaveText(/90%/);
    expect(".o_crm_by_revenue").toHaveClass("active");
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
