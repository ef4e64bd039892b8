import { addGlobalFilter, setCellContent, setGlobalFilterValue } from "@spreadsheet/../tests/helpers/commands";
import { defineSpreadsheetModels } from "@spreadsheet/../tests/helpers/data";
import { getEvaluatedCell } from "@spreadsheet/../tests/helpers/getters";
import { createSpreadsheetWithPivot } from "@spreadsheet/../tests/helpers/pivot";
import { expect, test } from "@odoo/hoot";
import { mockDate } from "@odoo/hoot-mock";

defineSpreadsheetModels();

/** A sheet whose period is in A50 and B50, and narrows a pivot. */
async function mountPeriod(more) {
    mockDate("2026-05-12 10:00:00");
    const { model } = await createSpreadsheetWithPivot();
    const filter = { id: "period", type: "date", label: "Period", defaultValue: "last_90_days", ...more };
    await addGlobalFilter(model, filter, { pivot: { "PIVOT#1": { chain: "date", type: "date" } } });
    setCellContent(model, "A50", '=ODOO.FILTER.VALUE("Period")');
    const shown = () => ["A50", "B50"].map((xc) => getEvaluatedCell(model, xc).formattedValue);
    const asked = () => model.getters.getPivotComputedDomain("PIVOT#1").flatMap((one) => (Array.isArray(one) ? one[2] : []));
    return { shown, asked, choose: (value) => setGlobalFilterValue(model, { id: "period", value }) };
}

const relative = (period) => ({ type: "relative", period });

test("the last days end with yesterday, in formulas as in records", async () => {
    const { shown, asked, choose } = await mountPeriod({ crmWholeDays: true });
    expect(shown()).toEqual(["2/11/2026", "5/11/2026"]);
    expect(asked()).toEqual(["2026-02-11", "2026-05-11"]);
    await choose(relative("last_7_days"));
    expect(shown()).toEqual(["5/5/2026", "5/11/2026"]);
    expect(asked()).toEqual(["2026-05-05", "2026-05-11"]);
});

test("what goes up to today begins where it did", async () => {
    const { shown, asked, choose } = await mountPeriod({ crmWholeDays: true });
    await choose(relative("month_to_date"));
    expect(shown()).toEqual(["5/1/2026", "5/11/2026"]);
    expect(asked()).toEqual(["2026-05-01", "2026-05-11"]);
    mockDate("2026-05-01 10:00:00");
    await choose(relative("year_to_date"));
    expect(shown()).toEqual(["1/1/2026", "4/30/2026"]);
    await choose(relative("month_to_date"));
    expect(shown()).toEqual(["5/1/2026", "5/1/2026"], { message: "there is no day before it in the month" });
});

test("days that were chosen stay, and so do other periods", async () => {
    const { shown, asked, choose } = await mountPeriod({ crmWholeDays: true });
    await choose({ type: "range", from: "2026-05-01", to: "2026-05-12" });
    expect(shown()).toEqual(["5/1/2026", "5/12/2026"]);
    expect(asked()).toEqual(["2026-05-01", "2026-05-12"]);
    await choose(relative("last_month"));
    expect(shown()).toEqual(["4/1/2026", "4/30/2026"]);
    await choose(undefined);
    expect(shown()).toEqual(["", ""]);
});

test("spreadsheets of others are as they were", async () => {
    const { shown, asked } = await mountPeriod({});
    expect(shown()).toEqual(["2/12/2026", "5/12/2026"]);
    expect(asked()).toEqual(["2026-02-12", "2026-05-12"]);
});
