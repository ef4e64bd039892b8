import { defineSpreadsheetModels } from "@spreadsheet/../tests/helpers/data";
import { setCellContent } from "@spreadsheet/../tests/helpers/commands";
import { getCellValue, getEvaluatedCell } from "@spreadsheet/../tests/helpers/getters";
import { createModelWithDataSource } from "@spreadsheet/../tests/helpers/model";
import { waitForDataLoaded } from "@spreadsheet/helpers/model";
import { expect, test } from "@odoo/hoot";
import { onRpc } from "@web/../tests/web_test_helpers";
import { toIds } from "@crm_plus_spreadsheet_dashboard/figure_functions";

defineSpreadsheetModels();

const ANSWERS = {
    revenue: { label: "Revenue", unit: "money", value: 1200.5, target: 1500 },
    retention: { label: "Retention", unit: "percent", value: 45.6, target: false },
    response_time: { label: "Response time (hours)", unit: "hours", value: 2.25, target: false },
    customers: { label: "Customers", unit: "count", value: 12, target: false },
    nps: { label: "Net Promoter Score", unit: "points", value: false, target: false },
};

/** A sheet with these cells, {xc: formula}; each call of the server is a step. */
async function mountSheet(cells) {
    onRpc("crm.kpi.day", "figures_for_spreadsheet", ({ args }) => {
        expect.step(args[0]);
        return args[0].map(({ figure }) => ({ company_id: 1, ...ANSWERS[figure] }));
    });
    onRpc("res.currency", "get_company_currency_for_spreadsheet", () => ({
        code: "EUR",
        symbol: "€",
        position: "after",
        decimalPlaces: 2,
    }));
    const { model } = await createModelWithDataSource();
    for (const [xc, content] of Object.entries(cells)) {
        setCellContent(model, xc, content);
    }
    await waitForDataLoaded(model);
    return model;
}

const NOBODY = { segment_ids: [], tier_ids: [], team_ids: [], company_ids: [] };

test("all cells of a sheet are one question", async () => {
    const model = await mountSheet({
        A1: '=ODOO.CRM.FIGURE("revenue", "2026-01-01", "2026-03-31", "3,5", "", 7)',
        A2: '=ODOO.CRM.TARGET("revenue", "2026-01-01", "2026-03-31", "3,5", "", 7)',
        A3: '=ODOO.CRM.FIGURE("customers")',
    });
    expect([getCellValue(model, "A1"), getCellValue(model, "A2"), getCellValue(model, "A3")]).toEqual([1200.5, 1500, 12]);
    const period = { date_from: "2026-01-01", date_to: "2026-03-31" };
    expect.verifySteps([
        [
            { figure: "revenue", ...period, ...NOBODY, segment_ids: [3, 5], team_ids: [7] },
            { figure: "customers", date_from: false, date_to: false, ...NOBODY },
        ],
    ]);
});

test("a value has the format of its unit, and is empty where there is none", async () => {
    const model = await mountSheet({
        A1: '=ODOO.CRM.FIGURE("retention")',
        A2: '=ODOO.CRM.FIGURE("response_time")',
        A3: '=ODOO.CRM.FIGURE("customers")',
        A4: '=ODOO.CRM.FIGURE("nps")',
        A5: '=ODOO.CRM.TARGET("customers")',
    });
    expect(getCellValue(model, "A1")).toBeCloseTo(0.456);
    expect(["A1", "A2", "A3"].map((xc) => getEvaluatedCell(model, xc).formattedValue)).toEqual(["45.6%", "2.3", "12"]);
    expect([getCellValue(model, "A4"), getCellValue(model, "A5")]).toEqual(["", ""]);
    expect.verifySteps([["retention", "response_time", "customers", "nps"].map((figure) => ({ figure, date_from: false, date_to: false, ...NOBODY }))]);
});

test("a figure has its name", async () => {
    const model = await mountSheet({ A1: '=ODOO.CRM.FIGURE.NAME("retention")' });
    expect(getCellValue(model, "A1")).toBe("Retention");
    expect.verifySteps([[{ figure: "retention", date_from: false, date_to: false, ...NOBODY }]]);
});

test("ids are read as filters give them", () => {
    expect(toIds({ value: "3, 5" })).toEqual([3, 5]);
    expect(toIds({ value: 7 })).toEqual([7]);
    expect(toIds({ value: "" })).toEqual([]);
    expect(toIds({ value: "x,-2,1.5,4" })).toEqual([4]);
    expect(toIds(undefined)).toEqual([]);
});
