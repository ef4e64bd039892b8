import { texts } from "@crm_plus/../tests/shared/forms";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

import { courseLines } from "@crm_plus/customer/forecast_course/course_lines";
import { forecastLines } from "@crm_plus/customer/forecast_check/forecast_lines";

const GROUPS = [
    { orders: 1, customers: 1200, forecast: 0.25, came: 0.2, repeated: 1 },
    { orders: 2, customers: 40, forecast: 0.5, came: 0.6, repeated: 1.5 },
    { orders: 7, customers: 3, forecast: 2, came: 1.5, repeated: 1 },
];

const COURSE = [
    { day: 7, forecast: 30.4, came: 25, repeated: 20 },
    { day: 28, forecast: 100, came: 1200, repeated: 80 },
];

class Model extends models.Model {
    _name = "crm.purchase.model";

    forecast_groups = fields.Json();
    forecast_course = fields.Json();

    _records = [
        { id: 1, forecast_groups: GROUPS, forecast_course: COURSE },
        { id: 2, forecast_groups: false, forecast_course: false },
    ];
}

defineMailModels();
defineModels([Model]);

async function mountCheck(resId, part = "check", name = "forecast_groups") {
    const arch = `<form><field name="${name}" widget="crm_forecast_${part}"/></form>`;
    await mountView({ type: "form", resModel: "crm.purchase.model", resId, arch });
}

test("forecast and orders are lines and a table", async () => {
    await mountCheck(1);
    expect("svg path[d^=M0]").toHaveCount(4);
    expect(texts("tbody tr")).toEqual([
        "1 1,200 0.25 0.20 1.00",
        "2 40 0.50 0.60 1.50",
        "7 or more 3 2.00 1.50 1.00",
    ]);
});

test("without a check there is no picture", async () => {
    await mountCheck(2);
    expect("svg").toHaveCount(0);
});

test("the course of the orders is drawn from nothing, with its numbers", async () => {
    await mountCheck(1, "course", "forecast_course");
    expect(".o_crm_forecast_course svg path").toHaveCount(4);
    expect(".o_crm_forecast_course figure > div:first").toHaveText("1,200 orders in total");
    expect(".o_crm_forecast_course figure").toHaveText(/28 days later/);
    expect(".o_crm_forecast_course tbody tr").toHaveCount(2);
});

test("a version without a course has no picture of it", async () => {
    await mountCheck(2, "course", "forecast_course");
    expect("svg").toHaveCount(0);
});

describe("lines", () => {
    test("of the course begin at the day of the forecast", () => {
        const { top, lines } = courseLines(COURSE);
        expect(top).toBe(1200);
        expect(lines.came).toBe("M0 60L25 58.75L100 0");
    });

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
