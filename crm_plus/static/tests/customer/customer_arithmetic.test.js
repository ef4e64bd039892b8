import { describe, expect, test } from "@odoo/hoot";

import { paretoPath } from "@crm_plus/customer/pareto_curve/pareto_path";
import { coverOf } from "@crm_plus/loyalty/score_cube/score_cover";
import { percentText, scoreTiles, segmentSums } from "@crm_plus/customer/score_grid/score_tiles";
import { movementBands, movementMatrix } from "@crm_plus/loyalty/segment_movement/movement_flows";
import { treemap } from "@crm_plus/loyalty/segment_treemap/treemap";
import { sparkBars } from "@crm_plus/customer/spark_bars/spark_scale";

describe.current.tags("headless");

describe("spark bars", () => {
    test("the highest bar fills the height, what is less than zero hangs below the line", () => {
        const { baseline, bars } = sparkBars([10, 0, -10], 20);
        expect(baseline).toBe(10);
        expect(bars.map(({ y, height }) => [y, height])).toEqual([
            [0, 10],
            [10, 0],
            [10, 10],
        ]);
    });

    test("without any revenue there is a flat line", () => {
        expect(sparkBars([0, 0]).bars.map(({ height }) => height)).toEqual([0, 0]);
        expect(sparkBars([]).bars).toEqual([]);
    });
});

describe("tiles of the map", () => {
    const cells = [
        { r: 5, f: 5, segment_id: 1, count: 6, revenue: 900 },
        { r: 5, f: 5, segment_id: 2, count: 2, revenue: 60 },
        { r: 1, f: 1, segment_id: 3, count: 2, revenue: 40 },
    ];

    test("most recent first, the segment of most customers first", () => {
        const rows = scoreTiles(cells, "count");
        expect(rows.map(({ r }) => r)).toEqual([5, 4, 3, 2, 1]);
        const best = rows[0].tiles[4];
        expect([best.count, best.revenue, best.share, best.size]).toEqual([8, 960, 80, 100]);
        expect(best.segmentIds).toEqual([1, 2]);
    });

    test("the area of a tile is in proportion", () => {
        expect(scoreTiles(cells, "count")[4].tiles[0].size).toBe(50); // a quarter of the area
    });

    test("more refunds than sales is a tile without size", () => {
        const tile = scoreTiles([...cells, { r: 2, f: 2, segment_id: 1, count: 1, revenue: -5 }], "revenue")[3].tiles[1];
        expect([tile.count, tile.size, tile.share]).toEqual([1, 0, 0]);
    });

    test("and takes nothing from the shares of the others", () => {
        const rows = scoreTiles([...cells, { r: 2, f: 2, segment_id: 1, count: 1, revenue: -900 }], "revenue");
        expect([rows[0].tiles[4].share, rows[4].tiles[0].share]).toEqual([96, 4]);
    });

    test("sums by segment", () => {
        expect(segmentSums(cells).get(2)).toEqual({ count: 2, revenue: 60 });
    });

    test("something is never called nothing", () => {
        expect([0, 0.1, 0.5, 99.6].map(percentText)).toEqual(["0%", "<1%", "1%", "100%"]);
    });
});

describe("treemap", () => {
    test("the box is filled, areas are in proportion", () => {
        const tiles = treemap([{ value: 1 }, { value: 6 }, { value: 3 }, { value: 0 }], 100, 50);
        expect(tiles.map(({ value }) => value)).toEqual([6, 3, 1]);
        for (const { value, width, height } of tiles) {
            expect((width * height) / 100).toBeCloseTo(10 * value);
        }
    });

    test("nothing overlaps and nothing sticks out", () => {
        const tiles = treemap([8, 7, 5, 3, 2, 2, 1].map((value) => ({ value })), 100, 60);
        for (const a of tiles) {
            expect(a.x + a.width).toBeLessThan(100.001);
            expect(a.y + a.height).toBeLessThan(100.001);
            for (const b of tiles) {
                const isApart =
                    a.x + a.width <= b.x + 0.001 ||
                    b.x + b.width <= a.x + 0.001 ||
                    a.y + a.height <= b.y + 0.001 ||
                    b.y + b.height <= a.y + 0.001;
                expect(a === b || isApart).toBe(true);
            }
        }
    });

    test("nobody, no tile", () => {
        expect(treemap([], 100, 60)).toEqual([]);
    });
});

describe("movement", () => {
    const flows = [
        { from_id: 1, to_id: 1, count: 5 },
        { from_id: 1, to_id: 2, count: 3 },
        { from_id: false, to_id: 2, count: 2 },
        { from_id: 2, to_id: false, count: 1 },
    ];

    test("nowhere comes last and counts neither as moved nor as stayed", () => {
        const matrix = movementMatrix(flows, [2, 1]);
        expect(matrix.rows).toEqual([2, 1, 0]);
        expect(matrix.columns).toEqual([2, 1, 0]);
        expect([matrix.moved, matrix.stayed]).toEqual([3, 5]);
        expect(matrix.counts.get("0:2")).toBe(2);
    });

    test("bands leave and arrive in full", () => {
        const { left, right, bands } = movementBands(movementMatrix(flows, [1, 2]), { gap: 0 });
        expect(left.map(({ id, count }) => [id, count])).toEqual([
            [1, 3],
            [2, 1],
            [0, 2],
        ]);
        expect(right.map(({ id, count }) => [id, count])).toEqual([
            [2, 5],
            [0, 1],
        ]);
        expect(left.at(-1).y + left.at(-1).height).toBeCloseTo(100);
        expect(bands.map(({ key, count }) => [key, count])).toEqual([
            ["1:2", 3],
            ["2:0", 1],
            ["0:2", 2],
        ]);
    });

    test("who stayed is shown on demand", () => {
        const { bands } = movementBands(movementMatrix(flows, [1, 2]), { withStayed: true });
        expect(bands[0].key).toBe("1:1");
    });

    test("nobody moved", () => {
        expect(movementBands(movementMatrix([], [])).bands).toEqual([]);
    });
});

describe("cover of the scores", () => {
    const all = { r: [1, 5], f: [1, 5], m: [1, 5], owner: "a" };

    test("one box over everything", () => {
        const { cells, gaps, overlaps } = coverOf([all]);
        expect(Object.keys(cells).length).toBe(125);
        expect([gaps.length, overlaps.length]).toEqual([0, 0]);
    });

    test("a gap and an overlap are found at their score", () => {
        const { gaps, overlaps } = coverOf([
            { ...all, r: [2, 5] },
            { ...all, r: [1, 2], f: [1, 1], m: [1, 1], owner: "b" },
        ]);
        expect(gaps.length).toBe(24);
        expect(gaps).not.toInclude("111");
        expect(overlaps).toEqual(["211"]);
    });
});

describe("curve of revenue", () => {
    const points = [
        { customers: 10, revenue: 60 },
        { customers: 50, revenue: 90 },
        { customers: 100, revenue: 100 },
    ];

    test("it begins at nothing", () => {
        expect(paretoPath(points)).toBe("M0,100 L10,40 L50,10 L100,0");
    });
});
