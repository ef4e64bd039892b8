import { describe, expect, test } from "@odoo/hoot";
import { mockTimeZone } from "@odoo/hoot-mock";

import { barHeights, moveTo } from "@crm_plus/interaction/activity_strip/strip_scale";
import { lastDays, toggled } from "@crm_plus/interaction/timeline_filters/timeline_periods";
import {
    activeFilters,
    groupByDay,
    mergePages,
    noFilters,
    summaryFilters,
} from "@crm_plus/interaction/timeline/timeline_rows";

describe.current.tags("headless");

describe("pages", () => {
    test("a row that slid onto the next page is shown once", () => {
        const rows = mergePages([{ id: 9 }, { id: 8 }], [{ id: 8 }, { id: 7 }]);
        expect(rows.map((row) => row.id)).toEqual([9, 8, 7]);
    });

    test("an empty next page changes nothing", () => {
        expect(mergePages([{ id: 9 }], [])).toEqual([{ id: 9 }]);
    });
});

describe("days", () => {
    const rows = [
        { id: 3, date: "2026-03-02 01:30:00" },
        { id: 2, date: "2026-03-01 23:30:00" },
        { id: 1, date: "2026-03-01 08:00:00" },
    ];

    test("rows of one day stand together, in their order", () => {
        mockTimeZone(0);
        const days = groupByDay(rows);
        expect(days.map((day) => [day.key, day.rows.map((row) => row.id)])).toEqual([
            ["2026-03-02", [3]],
            ["2026-03-01", [2, 1]],
        ]);
    });

    test("a day begins at the user's midnight, not at the server's", () => {
        mockTimeZone(+2);
        expect(groupByDay(rows).map((day) => [day.key, day.rows.length])).toEqual([
            ["2026-03-02", 2],
            ["2026-03-01", 1],
        ]);
        mockTimeZone(-5);
        expect(groupByDay(rows).map((day) => [day.key, day.rows.length])).toEqual([
            ["2026-03-01", 3],
        ]);
    });

    test("a day is the same day everywhere, below what has a time", () => {
        const known = [
            { id: 4, date: "2026-03-02 10:00:00", day: "2026-03-02" },
            { id: 3, date: "2026-03-02 06:00:00" },
            { id: 2, date: "2026-03-01 10:00:00", day: "2026-03-01" },
        ];
        for (const hours of [-10, 0, +3.5, +13]) {
            mockTimeZone(hours);
            const days = Object.fromEntries(groupByDay(known).map((day) => [day.key, day.rows.map((row) => row.id)]));
            expect(days["2026-03-02"].at(-1)).toBe(4);
            expect(days["2026-03-01"].at(-1)).toBe(2);
        }
        mockTimeZone(0);
        expect(groupByDay(known).map((day) => day.rows.map((row) => row.id))).toEqual([[3, 4], [2]]);
    });

    test("no row, no day", () => {
        expect(groupByDay([])).toEqual([]);
    });
});

describe("filters", () => {
    test("nothing selected is nothing to send", () => {
        expect(activeFilters(noFilters())).toEqual({});
    });

    test("only what is selected is sent", () => {
        const filters = { ...noFilters(), channel_ids: [4], search: "tender" };
        expect(activeFilters(filters)).toEqual({ channel_ids: [4], search: "tender" });
    });

    test("the summary covers the year, whatever week is selected", () => {
        const filters = { ...noFilters(), direction: "in", date_from: "2026-03-02", date_to: "2026-03-08" };
        expect(summaryFilters(filters)).toEqual({ direction: "in" });
    });

    test("a period counts today and is open at its end", () => {
        const today = luxon.DateTime.fromISO("2026-03-02");
        expect(lastDays(7, today)).toEqual({ date_from: "2026-02-24", date_to: false });
        expect(lastDays(1, today)).toEqual({ date_from: "2026-03-02", date_to: false });
    });

    test("toggling adds, and toggling again takes away", () => {
        expect(toggled([1], 2)).toEqual([1, 2]);
        expect(toggled([1, 2], 1)).toEqual([2]);
    });
});

describe("activity strip", () => {
    test("the busiest week fills the strip and an empty one shows nothing", () => {
        expect(barHeights([0, 100, 25])).toEqual([0, 100, 50]);
    });

    test("a single interaction is seen beside a thousand", () => {
        expect(barHeights([1, 1000], 12)).toEqual([12, 100]);
    });

    test("a year without interactions is flat", () => {
        expect(barHeights([0, 0])).toEqual([0, 0]);
    });

    test("arrow keys follow the reading direction and stop at the ends", () => {
        expect(moveTo(3, "ArrowRight", 53, false)).toBe(4);
        expect(moveTo(3, "ArrowRight", 53, true)).toBe(2);
        expect(moveTo(52, "ArrowRight", 53, false)).toBe(52);
        expect(moveTo(0, "ArrowLeft", 53, false)).toBe(0);
        expect(moveTo(3, "Home", 53, true)).toBe(0);
        expect(moveTo(3, "End", 53, false)).toBe(52);
        expect(moveTo(3, "x", 53, false)).toBe(3);
    });
});
