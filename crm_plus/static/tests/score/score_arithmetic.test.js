import { describe, expect, test } from "@odoo/hoot";
import { mockTimeZone } from "@odoo/hoot-mock";

import { capacityRows } from "@crm_plus/score/capacity_table/capacity_rows";
import { linePath, scale, stepPath } from "@crm_plus/shared/chart_scale/chart_scale";
import { divergingBars, effectStep, oddsFactor } from "@crm_plus/prediction/contribution_bars/contribution_scale";
import { coursePoints } from "@crm_plus/score/course_chart/course_points";
import { gradeParts } from "@crm_plus/score/grade_badge/grade_parts";
import { shapeLine, withShares } from "@crm_plus/prediction/learned_shapes/shape_line";
import { liftRows } from "@crm_plus/prediction/lift_table/lift_rows";
import { isOff, reliabilityPoints } from "@crm_plus/prediction/reliability_curve/reliability_points";
import { hundredths, readingOrder, sumOfLines, unlisted } from "@crm_plus/score/score_lines/score_sums";
import { sortedMoves } from "@crm_plus/score/score_preview/preview_moves";
import { aroundZero } from "@crm_plus/prediction/version_compare/interval_scale";

describe.current.tags("headless");

describe("score lines", () => {
    test("sums are exact where floating point is not", () => {
        const lines = ["0.10", "0.20", "-0.30", "1.15"].map((points) => ({ points }));
        expect(sumOfLines(lines)).toBe("1.15");
        expect(hundredths("-12.35")).toBe(-1235);
        expect(sumOfLines([])).toBe("0.00");
    });

    test("what is not listed has the points that are left", () => {
        const events = [{ points: "12.00" }, { points: "6.00" }];
        expect(unlisted({ points: "20.50", count: 5, events, hidden: 2 })).toEqual({ more: 1, rest: "2.50" });
        expect(unlisted({ points: "18.00", count: 2, events, hidden: 0 })).toEqual({ more: 0, rest: "0.00" });
    });

    test("a rule's limit stands below it, other limits come last", () => {
        const lines = [
            { kind: "rule", id: 1 },
            { kind: "rule", id: 2 },
            { kind: "rule_cap", id: 1 },
            { kind: "group_cap", id: 1 },
            { kind: "clip", id: "" },
        ];
        expect(readingOrder(lines).map(({ kind, id }) => `${kind} ${id}`)).toEqual([
            "rule 1",
            "rule_cap 1",
            "rule 2",
            "group_cap 1",
            "clip ",
        ]);
    });
});

describe("grades", () => {
    test("the level runs from the best to the worst", () => {
        expect(gradeParts("A1")).toEqual({ letter: "A", digit: "1", level: 0 });
        expect(gradeParts("D4").level).toBe(6);
    });

    test("what is not a grade is none", () => {
        for (const text of [false, "", "E1", "A", "A11"]) {
            expect(gradeParts(text)).toBe(null);
        }
    });

    test("moves are listed largest first, with their direction", () => {
        const moves = sortedMoves([
            ["B2", "B3", 1],
            ["B2", "A2", 5],
            ["A3", "B2", 2],
        ]);
        expect(moves.map(({ from, to, isBetter }) => [from, to, isBetter])).toEqual([
            ["B2", "A2", true],
            ["A3", "B2", null],
            ["B2", "B3", false],
        ]);
    });
});

describe("contributions", () => {
    test("the longest bar fills its side, none is invisible", () => {
        expect(divergingBars([2000000, -1000000, 1, 0])).toEqual([
            { start: 50, width: 50 },
            { start: 25, width: 25 },
            { start: 50, width: 1 },
            { start: 50, width: 0 },
        ]);
        expect(divergingBars([])).toEqual([]);
    });

    test("twice the odds is strong, in either direction", () => {
        const double = Math.ceil(Math.LN2 * 1e6);
        expect([double, 693146, 200000, 199999, 0].map(effectStep)).toEqual([3, 2, 2, 1, 0]);
        expect([-double, -300000, -1].map(effectStep)).toEqual([-3, -2, -1]);
        expect(Math.round(oddsFactor(double))).toBe(2);
    });
});

describe("pictures", () => {
    test("a scale maps both ends, and one value to the middle", () => {
        const x = scale([0, 4], [0, 100]);
        expect([0, 1, 4].map(x)).toEqual([0, 25, 100]);
        expect(scale([3, 3], [0, 100])(3)).toBe(50);
    });

    test("lines and steps", () => {
        const points = [
            { x: 0, y: 9 },
            { x: 5, y: 1 },
        ];
        expect(linePath(points)).toBe("M0 9L5 1");
        expect(stepPath(points)).toBe("M0 9H5V1");
        expect(linePath([])).toBe("");
    });

    test("a course keeps its height until it changes, up to today", () => {
        mockTimeZone(0);
        const rows = [
            { date: "2026-03-01", score: 0 },
            { date: "2026-03-06", score: 100 },
        ];
        const today = luxon.DateTime.fromISO("2026-03-10");
        expect(coursePoints(rows, today).line).toBe("M0 23H50V1H100");
        expect(coursePoints(rows.slice(1), luxon.DateTime.fromISO("2026-03-06")).line).toBe("M0 1H100");
        expect(coursePoints([], today).line).toBe("");
    });

    test("probabilities that come true are on the diagonal; the larger bin has the larger dot", () => {
        const { dots, line } = reliabilityPoints([
            { leads: 100, predicted: 0.25, won: 0.25, low: 0.2, high: 0.3 },
            { leads: 25, predicted: 0.75, won: 0.5, low: 0.3, high: 0.7 },
        ]);
        expect(line).toBe("M25 75L75 50");
        expect(dots[0]).toEqual({ x: 25, y: 75, low: 80, high: 70, radius: 3 });
        expect(dots[1].radius).toBe(2);
        expect(isOff({ predicted: 0.25, low: 0.2, high: 0.3 })).toBe(false);
        expect(isOff({ predicted: 0.75, low: 0.3, high: 0.7 })).toBe(true);
    });

    test("lift: bars, average and wins so far", () => {
        const { rows, average } = liftRows([
            { tenth: 1, leads: 10, won: 6, lift: 3 },
            { tenth: 2, leads: 10, won: 2, lift: 1 },
        ]);
        expect(rows.map(({ width, wins }) => [Math.round(width), wins])).toEqual([
            [100, 0.75],
            [33, 1],
        ]);
        expect(Math.round(average)).toBe(33);
        expect(liftRows([{ tenth: 1, leads: 10, won: 0, lift: 0 }]).rows[0].wins).toBe(0);
    });

    test("a shape steps over its ranges around the line of no effect", () => {
        expect(shapeLine([1, -1], 40)).toEqual({ line: "M0 2H50V38H100", zero: 20 });
        expect(shapeLine([], 40).line).toBe("");
    });

    test("shares of strength add up to the whole", () => {
        const shapes = withShares([{ strength: 3 }, { strength: 1 }]);
        expect(shapes.map(({ share, width }) => [share, Math.round(width)])).toEqual([
            [0.75, 100],
            [0.25, 33],
        ]);
    });

    test("an interval around zero has zero in the middle", () => {
        const { value, low, high } = aroundZero({ value: -0.01, low: -0.02, high: 0.01 });
        expect([low, value, high].map(Math.round)).toEqual([5, 27, 73]);
    });
});

test("bars of leads a week share their scale with what people can take", () => {
    const rows = [{ week: 5 }, { week: 30 }];
    const few = capacityRows({ capacity: 20, rows });
    expect(few.rows.map(({ width, isTooMany }) => [Math.round(width), isTooMany])).toEqual([[17, false], [100, true]]);
    expect(Math.round(few.capacity)).toBe(67);
    expect(capacityRows({ capacity: 60, rows }).rows[1].width).toBe(50);
    expect(capacityRows({ capacity: 0, rows: [{ week: 0 }] }).rows[0].width).toBe(0);
});
