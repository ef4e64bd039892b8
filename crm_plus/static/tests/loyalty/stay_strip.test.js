import { daysBetween, stripParts } from "@crm_plus/loyalty/stay_strip/stay_strip";
import { expect, test } from "@odoo/hoot";

test("days between two days, whatever the clock does in between", () => {
    expect(daysBetween("2026-03-01", "2026-04-01")).toBe(31);
    expect(daysBetween("2026-03-01", "2026-03-01")).toBe(0);
    expect(daysBetween("2026-03-02", "2026-03-01")).toBe(0);
});

test("a strip has the stays, the gaps between them, and what is left until today", () => {
    const stays = [
        { from: "2026-01-11", to: "2026-01-21" },
        { from: "2026-01-21", to: "2026-01-21" },
        { from: "2026-01-31", to: false },
    ];
    const parts = stripParts(stays, "2026-01-01", "2026-02-10");
    expect(parts.map(({ days, stay }) => [days, stays.indexOf(stay)])).toEqual([
        [10, -1],
        [10, 0],
        [1, 1],
        [10, -1],
        [10, 2],
    ]);
    const ended = stripParts([{ from: "2026-01-01", to: "2026-01-06" }], "2026-01-01", "2026-01-11");
    expect(ended.map(({ days, stay }) => [days, Boolean(stay)])).toEqual([
        [5, true],
        [5, false],
    ]);
});
