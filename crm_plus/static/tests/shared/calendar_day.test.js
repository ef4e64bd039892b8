import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { mockDate } from "@odoo/hoot-mock";
import { defineModels, fields, models, mountView, patchWithCleanup } from "@web/../tests/web_test_helpers";

import { dayText, monthText, withDays } from "@crm_plus/shared/calendar_day/calendar_day";

class Stay extends models.Model {
    _name = "crm.stay";

    reason = fields.Char();
    rows = fields.Html();

    _records = [{ id: 1, reason: "no order since 2026-05-12", rows: "<table><tr><td>2026-05-12 10:00</td></tr></table>" }];
}

defineMailModels();
defineModels([Stay]);

beforeEach(() => mockDate("2026-03-02 12:00:00", 0));

function speakPersian() {
    patchWithCleanup(luxon.Settings, { defaultLocale: "fa-IR", defaultNumberingSystem: "latn" });
}

test("a day is written as in lists and forms of the host", () => {
    expect(dayText("2026-05-12")).toBe("May 12");
    expect(dayText("2025-05-12")).toBe("May 12, 2025");
});

test("in Persian it is a day of the solar calendar", () => {
    speakPersian();
    expect(dayText("2026-05-12")).toBe("22 اردیبهشت");
    expect(dayText("2025-03-21")).toBe("1 فروردین 1404");
});

test("a month has the name of the calendar it is counted in", () => {
    expect(monthText("2025-12-01")).toBe("Dec 2025");
    speakPersian();
    expect(monthText("2025-12-01")).toBe("دسامبر 2025");
});

test("days are found wherever they stand in what the server sent", () => {
    speakPersian();
    const answer = {
        why: ["Last order on 2026-05-12.", "2, 3 and 4 begin at: –; 2026-05-12."],
        tier: { until: "Only until 2026-05-12", color: 3, next: false },
    };
    expect(withDays(answer)).toEqual({
        why: ["Last order on 22 اردیبهشت.", "2, 3 and 4 begin at: –; 22 اردیبهشت."],
        tier: { until: "Only until 22 اردیبهشت", color: 3, next: false },
    });
});

test("what only looks like a day stays", () => {
    expect(withDays("Call 2026-99-99 or 12026-05-122")).toBe("Call 2026-99-99 or 12026-05-122");
});

test("a text in a list has its days written like that", async () => {
    await mountView({ type: "list", resModel: "crm.stay", arch: `<list><field name="reason" widget="crm_days"/></list>` });
    expect(".o_data_cell").toHaveText("no order since May 12");
});

test("a table of the server has its days written like that", async () => {
    const arch = `<form><field name="rows" widget="crm_days_html" readonly="1"/></form>`;
    await mountView({ type: "form", resModel: "crm.stay", resId: 1, arch });
    expect("[name=rows] td").toHaveText("May 12 10:00");
});
