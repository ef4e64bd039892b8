import { describe, expect, test } from "@odoo/hoot";

import { doneCount, removalText, stepLook } from "@crm_plus/job/start/start_steps";

describe.current.tags("headless");

describe("first steps", () => {
    test("those that are done are counted", () => {
        expect(doneCount([{ state: "done" }, { state: "running" }, { state: "done" }])).toBe(2);
        expect(doneCount([])).toBe(0);
    });

    test("each state has a look of its own", () => {
        const looks = ["done", "running", "problem", "open"].map((state) => stepLook({ state }));
        expect(new Set(looks).size).toBe(4);
    });

    test("the question before the sample goes lists what goes, and what stays if anything does", () => {
        expect(removalText("Deleted:", ["Contact: 300", "Lead: 1"], [false, "Nothing else."])).toBe(
            "Deleted:\nContact: 300\nLead: 1\n\nNothing else."
        );
        expect(removalText("Deleted:", [], ["One stays.", "Nothing else."])).toBe("One stays.\n\nNothing else.");
    });
});
