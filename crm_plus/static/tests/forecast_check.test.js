import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

import { forecastLines } from "@crm_plus/forecast_check/forecast_lines";

const GROUPS = [
    { orders: 1, customers: 1200, forecast: 0.25, came: 0.2, repeated: 1 },
    { orders: 2, customers: 40, forecast: 0.5, came: 0.6, repeated: 1.5 },
    { orders: 7, customers: 3, forecast: 2, came: 1.5, repeated: 1 },
];

class Model extends models.Model {
    _name = "crm.purchase.model";

    forecast_groups = fields.Json();

    _records = [
        { id: 1, forecast_groups: GROUPS },
        { id: 2, forecast_groups: false },
    ];
}

defineMailModels();
defineModels([Model]);

async function mountCheck(resId) {
    const arch = `<form><field name="forecast_groups" widget="crm_forecast_check"/></form>`;
    await mountView({ type: "form", resModel: "crm.purchase.model", resId, arch });
}

test("forecast and orders are lines and a table", async () => {
    await mountCheck(1);
    expect("svg path[d^=M0]").toHaveCount(4);
    expect(queryAllTexts("tbody tr").map((text) => text.replace(/\s+/g, " "))).toEqual([
        "1 1,200 0.25 0.20 1.00",
        "2 40 0.50 0.60 1.50",
        "7 or more 3 2.00 1.50 1.00",
    ]);
});

test("without a check there is no picture", async () => {
    await mountCheck(2);
    expect("svg").toHaveCount(0);
});

describe("lines", () => {
    test("the highest of all values is the upper edge", () => {
        const { top, lines, dots } = forecastLines(GROUPS);
        expect(top).toBe(2);
        expect(lines.forecast).toBe("M0 52.5L50 45L100 0");
        expect(dots.map(({ x }) => x)).toEqual([0, 50, 100]);
    });

    test("one group alone and values of nothing are drawn", () => {
        const { top, lines } = forecastLines([{ orders: 1, customers: 1, forecast: 0, came: 0, repeated: 0 }]);
        expect(top).toBe(1);
        expect(lines.came).toBe("M0 60");
    });
});
