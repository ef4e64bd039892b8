import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { effortRows, effortSegments } from "@crm_plus/kpi/overview/overview_rows";
import { coursePaths } from "@crm_plus/kpi/segment_courses/course_paths";
import { SegmentCourses } from "@crm_plus/kpi/segment_courses/segment_courses";
import { mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";

defineMailModels();

const POINTS = [
    { month: "2026-03-01", values: [10, false] },
    { month: "2026-04-01", values: [20, 5] },
    { month: "2026-05-01", values: [0, 20] },
];

test("a line for each segment, from nothing to the highest", () => {
    expect(coursePaths(POINTS)).toEqual(["M0 20L50 0L100 40", "M50 30L100 0"]);
    expect(coursePaths([])).toEqual([]);
});

test("the first month that is known is seen, too", () => {
    const points = [{ month: "2026-05-01", values: [50, 100] }];
    expect(coursePaths(points)).toEqual(["M46 20L54 20", "M46 0L54 0"]);
    expect(coursePaths([...POINTS.slice(0, 2), { month: "2026-05-01", values: [0, false] }])[1]).toBe("M46 30L54 30");
    expect(coursePaths([{ month: "2026-05-01", values: [1] }, { month: "2026-06-01", values: [false] }])).toEqual(["M0 0L4 0"]);
});

test("a segment over time has its numbers", async () => {
    onRpc("crm.kpi.day", "segment_courses", ({ args }) => {
        expect.step(args[0]);
        return {
            currency_id: 1,
            segments: [{ id: 4, name: "Loyal" }],
            courses: [
                { code: "customers", label: "Customers", unit: "count", points: [{ month: "2026-05-01", values: [12] }] },
                { code: "churn", label: "Churn", unit: "percent", points: [] },
            ],
        };
    });
    await mountWithCleanup(SegmentCourses, { props: { record: { resId: 4 }, readonly: true } });
    await animationFrame();
    expect.verifySteps([[4]]);
    expect(queryAllTexts(".o_crm_courses .fw-bold")).toEqual(["12", "–"]);
    expect(".o_crm_course_of_customers tbody tr").toHaveCount(1);
});

test("before and since stand beside each other", () => {
    const row = { code: "orders", label: "Orders", unit: "count", then: 10, now: 12, change: 20, better: 1 };
    expect(effortRows([row], 1)[0].cells).toEqual(["10", "12", "+20%"]);
    const unknown = { customers: false, revenue: false, each: false, retention: false, value: false, cost: false };
    const then = { ...unknown, customers: 2, retention: 25 };
    const now = { ...unknown, customers: 4, retention: 50 };
    const rows = effortSegments(
        [
            { id: 3, name: "New", then: unknown, now: { ...unknown, customers: 4 }, return: false },
            { id: 7, name: "Loyal", then, now, return: -100 },
        ],
        1
    );
    expect(rows[0].cells).toEqual(["– → 4", "– → –", "– → –", "– → –", "– → –", "– → –", "–"]);
    expect(rows[1].cells.slice(0, 2)).toEqual(["2 → 4", "25% → 50%"]);
    expect(rows[1].cells.at(-1)).toBe("−100%");
});
