import { Customer, defineFormModels, failingAt, mountForm } from "@crm_plus/../tests/shared/forms";
import { beforeEach, expect, test } from "@odoo/hoot";
import { click, press, queryAllAttributes, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { Deferred, advanceTime, animationFrame, mockDate, runAllTimers } from "@odoo/hoot-mock";
import {
    contains,
    fields,
    makeServerError,
    mockService,
    models,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";

class Lead extends models.Model {
    _name = "crm.lead";

    name = fields.Char();
    partner_id = fields.Many2one({ relation: "res.customer" });

    _records = [{ id: 5, name: "Desks", partner_id: 1 }];
}

defineFormModels(Customer, Lead);

const CHANNELS = [
    { id: 1, code: "phone", name: "Phone", icon: "fa-phone", color: 4 },
    { id: 2, code: "order", name: "Order", icon: "fa-shopping-cart", color: 10 },
];

function makeRow(values) {
    return {
        date: "2026-03-02 10:00:00",
        channel_id: 1,
        direction: "out",
        name: `Interaction ${values.id}`,
        is_private: false,
        partner: [1, "Azure Interior"],
        user: [7, "Marc Demo"],
        lead_id: false,
        document: false,
        amount: false,
        currency_id: false,
        duration: false,
        outcome: false,
        note: false,
        can_edit: false,
        ...values,
    };
}

function makePage(rows, values = {}) {
    return { rows, next: false, channels: CHANNELS, can_log: true, ...values };
}

function makeSummary(values = {}) {
    const first = luxon.DateTime.fromISO("2025-03-03");
    const weeks = [...Array(53).keys()].map((week) => ({
        start: first.plus({ weeks: week }).toISODate(),
        count: week % 2,
    }));
    return { total: 3, hidden: 0, weeks, channels: CHANNELS.map(({ id }) => ({ id, count: 1 })), people: [], users: [], ...values };
}

const FORM = `
    <form>
        <field name="name"/>
        <notebook>
            <page name="timeline" string="Timeline"><widget name="crm_timeline"/></page>
            <page name="other" string="Other"><div class="other"/></page>
        </notebook>
    </form>`;

/** Mount a customer form whose timeline is answered by `getPage(kwargs, args)`. */
async function mountTimeline(getPage, { summary = makeSummary(), planned = { rows: [], more: 0 }, previews = () => [], ...params } = {}) {
    onRpc("crm.interaction", "timeline_page", ({ args, kwargs }) => getPage(kwargs, args));
    onRpc("crm.interaction", "timeline_planned", () => planned);
    onRpc("crm.interaction", "timeline_previews", ({ args }) => previews(args[0]));
    onRpc("crm.interaction", "timeline_summary", () =>
        typeof summary === "function" ? summary() : summary
    );
    await mountForm(FORM, params);
}

/** The observers of the page under test, to scroll manually. */
let observers;

beforeEach(() => {
    mockDate("2026-03-02 12:00:00", 0);
    observers = [];
    patchWithCleanup(window, {
        IntersectionObserver: class {
            constructor(callback) {
                this.callback = callback;
                observers.push(this);
            }
            observe() {}
            disconnect() {
                observers.splice(observers.indexOf(this), 1);
            }
        },
    });
});

function scrollToEnd() {
    observers.at(-1)?.callback([{ isIntersecting: true }]);
}

test("interactions are grouped by day, newest first", async () => {
    await mountTimeline(() =>
        makePage([
            makeRow({ id: 3 }),
            makeRow({ id: 2, date: "2026-03-01 09:00:00" }),
            makeRow({ id: 1, date: "2026-01-15 09:00:00" }),
        ])
    );
    expect(queryAllTexts(".o_crm_timeline_date")).toEqual([
        "Today",
        "Yesterday",
        "Thursday, January 15",
    ]);
    expect(queryAllTexts(".o_crm_timeline_summary")).toEqual([
        "Interaction 3",
        "Interaction 2",
        "Interaction 1",
    ]);
});

test("an entry says which channel, which direction, who, how much and how it went", async () => {
    await mountTimeline(() =>
        makePage([
            makeRow({
                id: 1,
                name: "Asked about desks",
                partner: [12, "Brandon Freeman"],
                amount: 1234.5,
                currency_id: 1,
                duration: 0.5,
                outcome: "interested",
                note: "Wants two.",
            }),
        ])
    );
    expect(".o_crm_timeline_icon .fa-phone").toHaveCount(1);
    expect(".o_crm_timeline_icon").toHaveClass("o_crm_timeline_color_4");
    expect(".o_crm_timeline_summary").toHaveText("Asked about desks");
    expect(".o_crm_timeline_direction").toHaveText("Outgoing");
    expect(".o_crm_timeline_partner").toHaveText("Brandon Freeman");
    expect(".o_crm_timeline_user").toHaveText("Marc Demo");
    expect(".o_crm_timeline_amount").toHaveText("$ 1,234.50");
    expect(".o_crm_timeline_duration").toHaveText("30 minutes");
    expect(".o_crm_timeline_outcome").toHaveText("Interested");
    expect(".o_crm_timeline_note").toHaveText("Wants two.");
    expect(".o_crm_timeline_edit").toHaveCount(0);
});

test("a private interaction is masked, and one of an unknown channel is still shown", async () => {
    await mountTimeline(() =>
        makePage([
            makeRow({ id: 2, name: false, is_private: true }),
            makeRow({ id: 1, name: false, channel_id: 99, direction: "none" }),
        ])
    );
    expect(queryAllTexts(".o_crm_timeline_summary")).toEqual(["Private"]);
    expect(queryAllTexts(".o_crm_timeline_event")).toEqual(["Phone", "Other"]);
    expect(".o_crm_timeline_direction").toHaveCount(1);
});

test("an entry begins with what happened", async () => {
    await mountTimeline(() =>
        makePage([
            makeRow({ id: 3, event: "Won", name: "Desks" }),
            makeRow({ id: 2, event: "Meeting", name: false, document: { model: "calendar.event", id: 4 } }),
            makeRow({ id: 1, name: "Prices" }),
        ])
    );
    expect(queryAllTexts(".o_crm_timeline_event")).toEqual(["Won", "Meeting", "Phone"]);
    expect(queryAllTexts(".o_crm_timeline_summary")).toEqual(["Desks", "Prices"]);
    expect(queryAllAttributes(".o_crm_timeline_event a", "href")).toEqual(["/odoo/calendar.event/4"]);
});

test("what was said is shown in one line, and unfolds", async () => {
    onRpc("crm.interaction", "timeline_text", ({ args }) => {
        expect.step(`text ${args[0]}`);
        return { text: false, html: "<p>First.</p><p>Second.</p>", attachments: [{ id: 9, name: "offer.pdf", mimetype: "application/pdf" }] };
    });
    await mountTimeline(() => makePage([makeRow({ id: 2 }), makeRow({ id: 1 })]), {
        previews(ids) {
            expect.step(`previews ${ids}`);
            return [{ id: 2, preview: "First.", more: true, attachments: 1 }];
        },
    });
    expect(queryAllTexts(".o_crm_timeline_preview")).toEqual(["First."]);
    expect(".o_crm_timeline_unfold").toHaveCount(1);
    await contains(".o_crm_timeline_unfold").click();
    expect(queryAllTexts(".o_crm_timeline_html p")).toEqual(["First.", "Second."]);
    expect(".o_crm_timeline_preview").toHaveCount(0);
    expect(queryAllAttributes(".o_crm_timeline_whole a", "href")).toEqual(["/web/content/9?download=true"]);
    expect(".o_crm_timeline_unfold").toHaveAttribute("aria-expanded", "true");
    await contains(".o_crm_timeline_unfold").click();
    expect(".o_crm_timeline_whole").toHaveCount(0);
    await contains(".o_crm_timeline_unfold").click(); // read once
    expect.verifySteps(["previews 2,1", "text 2"]);
});

test("a text without markup is shown as it is, and one that is gone is said to be", async () => {
    let answer = { text: "<b>1 < 2</b>\nnext", html: false, attachments: [] };
    onRpc("crm.interaction", "timeline_text", () => answer);
    await mountTimeline(() => makePage([makeRow({ id: 1 }), makeRow({ id: 2 })]), {
        previews: (ids) => ids.map((id) => ({ id, preview: "x", more: true, attachments: 0 })),
    });
    await contains(".o_crm_timeline_unfold:first").click();
    expect(".o_crm_timeline_whole .o_crm_timeline_note").toHaveText("<b>1 < 2</b>\nnext");
    answer = { text: "", html: false, attachments: [] };
    await contains(".o_crm_timeline_unfold:last").click();
    expect(".o_crm_timeline_whole:last").toHaveText(/no longer there/);
});

test("a private interaction shows its title to who was in it", async () => {
    await mountTimeline(() => makePage([makeRow({ id: 1, name: "Doctor", is_private: true })]));
    expect(".o_crm_timeline_summary").toHaveText("Doctor");
    expect(".o_crm_timeline_summary .fa-lock").toHaveCount(1);
});

test("what is known to the day only shows no clock", async () => {
    await mountTimeline(() =>
        makePage([makeRow({ id: 2, day: "2026-03-01", date: "2026-03-01 10:00:00" }), makeRow({ id: 1, date: "2026-03-01 09:00:00" })])
    );
    expect(queryAllAttributes(".o_crm_timeline_entry", "data-id")).toEqual(["1", "2"]);
    expect(".o_crm_timeline_entry time").toHaveCount(1);
    expect(queryAllTexts(".o_crm_timeline_date")).toEqual(["Yesterday"]);
});

test("what is planned stands above the history", async () => {
    const base = { kind: "meeting", day: false, is_private: false, is_late: false, user: "Marc Demo", document: { model: "calendar.event", id: 8 } };
    await mountTimeline(() => makePage([makeRow({ id: 1 })]), {
        planned: {
            rows: [
                { ...base, key: "a", kind: "activity", date: false, day: "2026-03-01", name: "Send the offer", is_late: true },
                { ...base, key: "b", date: "2026-03-03 09:00:00", name: "Visit" },
                { ...base, key: "c", date: "2026-03-04 09:00:00", name: false, is_private: true, document: false },
            ],
            more: 2,
        },
    });
    expect(queryAllTexts(".o_crm_planned_name")).toEqual(["Send the offer", "Visit", "Private"]);
    expect(queryAllTexts(".o_crm_planned_when")[0]).toBe("Yesterday (overdue)");
    expect(queryAllTexts(".o_crm_planned_when")[1]).toMatch(/^Tomorrow, 9:00/);
    expect(".o_crm_planned_more").toHaveText("2 more are planned.");
    expect(".o_crm_timeline_entry").toHaveCount(1);
});

test("the document opens in its form", async () => {
    mockService("action", {
        doAction(action) {
            expect.step(`${action.res_model},${action.res_id}`);
        },
    });
    await mountTimeline(() =>
        makePage([makeRow({ id: 1, document: { model: "sale.order", id: 42 } })])
    );
    expect(queryAllAttributes(".o_crm_timeline_summary a", "href")).toEqual([
        "/odoo/sale.order/42",
    ]);
    await contains(".o_crm_timeline_summary a").click();
    expect.verifySteps(["sale.order,42"]);
});

test("the first page is shown without waiting for the summary", async () => {
    const summary = new Deferred();
    await mountTimeline(() => makePage([makeRow({ id: 1 })]), { summary: () => summary });
    expect(".o_crm_timeline_entry").toHaveCount(1);
    expect(".o_crm_activity_strip").toHaveCount(0);
    summary.resolve(makeSummary());
    await animationFrame();
    expect(".o_crm_activity_strip_bars button").toHaveCount(53);
    expect(".o_crm_timeline_total").toHaveText("3 interactions");
});

test("nothing is asked before the page of the notebook is visible", async () => {
    const arch = FORM.replace('name="other"', 'name="other" autofocus="autofocus"');
    await mountTimeline(
        () => {
            expect.step("page");
            return makePage([makeRow({ id: 1 })]);
        },
        { arch }
    );
    expect.verifySteps([]);
    await contains(".nav-link:contains(Timeline)").click();
    await animationFrame();
    expect(".o_crm_timeline_entry").toHaveCount(1);
    expect.verifySteps(["page"]);
});

test("nothing is asked for a new record", async () => {
    await mountTimeline(() => expect.step("page"), { resId: false });
    expect(".o_crm_timeline_new").toHaveCount(1);
    expect.verifySteps([]);
});

test("scrolling to the end loads the next page, once", async () => {
    const answer = new Deferred();
    await mountTimeline(({ before }) => {
        expect.step(String(before));
        return before ? answer : makePage([makeRow({ id: 3 }), makeRow({ id: 2 })], { next: "2" });
    });
    scrollToEnd();
    scrollToEnd();
    await animationFrame();
    expect(".o_crm_timeline_more").toHaveAttribute("disabled");
    answer.resolve({ rows: [makeRow({ id: 2 }), makeRow({ id: 1 })], next: false });
    await animationFrame();
    expect(queryAllAttributes(".o_crm_timeline_entry", "data-id")).toEqual(["3", "2", "1"]);
    expect(".o_crm_timeline_more").toHaveCount(0);
    expect.verifySteps(["null", "2"]);
});

test("a next page that fails can be asked for again, and what is there stays", async () => {
    let fails = true;
    await mountTimeline(({ before }) => {
        if (!before) {
            return makePage([makeRow({ id: 2 })], { next: "2" });
        }
        if (fails) {
            throw makeServerError();
        }
        return { rows: [makeRow({ id: 1 })], next: false };
    });
    await contains(".o_crm_timeline_more").click();
    expect(".o_crm_timeline_more_failed").toHaveCount(1);
    expect(".o_crm_timeline_entry").toHaveCount(1);
    fails = false;
    await contains(".o_crm_timeline_more").click();
    expect(".o_crm_timeline_more_failed").toHaveCount(0);
    expect(".o_crm_timeline_entry").toHaveCount(2);
});

test("a failure is said, and trying again helps", async () => {
    const server = failingAt(() => makePage([makeRow({ id: 1 })]));
    await mountTimeline(server.answer);
    expect(".o_crm_timeline_failed").toHaveCount(1);
    server.mended();
    await contains(".o_crm_timeline_failed button").click();
    expect(".o_crm_timeline_entry").toHaveCount(1);
});

test("without access, the timeline says so", async () => {
    await mountTimeline(() => {
        throw makeServerError({ type: "AccessError" });
    });
    expect(".o_crm_timeline_denied").toHaveCount(1);
    expect(".o_crm_timeline_log").toHaveCount(0);
});

test("a history without its figures is still a history", async () => {
    await mountTimeline(() => makePage([makeRow({ id: 1 })]), {
        summary: () => {
            throw makeServerError();
        },
    });
    expect(".o_crm_timeline_entry").toHaveCount(1);
    expect(".o_crm_activity_strip").toHaveCount(0);
});

test("an empty history says what to do", async () => {
    await mountTimeline(() => makePage([]), { summary: makeSummary({ total: 0 }) });
    expect(".o_crm_timeline_empty").toHaveCount(1);
    expect(".o_crm_timeline_filters").toHaveCount(0);
    expect(".o_crm_timeline_log").toHaveCount(1);
});

test("what others keep for themselves is counted", async () => {
    await mountTimeline(() => makePage([makeRow({ id: 1 })]), {
        summary: makeSummary({ hidden: 4 }),
    });
    expect(".o_crm_timeline_hidden").toHaveText(
        "4 others are on documents you have no access to."
    );
});

test("filters by channel, direction, person and period are sent, and cleared together", async () => {
    await mountTimeline(
        ({ filters }) => {
            expect.step(filters);
            return makePage([makeRow({ id: 1 })]);
        },
        {
            summary: makeSummary({
                people: [{ id: 12, name: "Brandon Freeman", count: 3 }],
                users: [{ id: 7, name: "Marc Demo", count: 2 }],
            }),
        }
    );
    expect.verifySteps([{}]);
    await contains(".o_crm_filter_channel").click();
    await contains(".o-dropdown-item:contains(Order)").click();
    expect.verifySteps([{ channel_ids: [2] }]);
    expect(".o_crm_filter_channel").toHaveText("Order");
    await contains(".o_crm_filter_direction").click();
    await contains(".o-dropdown-item:contains(Incoming)").click();
    expect.verifySteps([{ channel_ids: [2], direction: "in" }]);
    await contains(".o_crm_filter_person").click();
    await contains(".o-dropdown-item:contains(Brandon)").click();
    expect.verifySteps([{ channel_ids: [2], direction: "in", partner_ids: [12] }]);
    await contains(".o_crm_filter_period").click();
    await contains(".o-dropdown-item:contains(Last 7 days)").click();
    expect.verifySteps([
        { channel_ids: [2], direction: "in", partner_ids: [12], date_from: "2026-02-24" },
    ]);
    await contains(".o_crm_filter_clear").click();
    expect.verifySteps([{}]);
    expect(".o_crm_filter_clear").toHaveCount(0);
});

test("only channels in use are offered", async () => {
    await mountTimeline(() => makePage([makeRow({ id: 1 })]), {
        summary: makeSummary({ channels: [{ id: 1, count: 1 }] }),
    });
    await contains(".o_crm_filter_channel").click();
    expect(queryAllTexts(".o-dropdown-item")).toEqual(["Phone"]);
});

test("a period of one's own has a first and a last day", async () => {
    await mountTimeline(({ filters }) => {
        expect.step(filters);
        return makePage([makeRow({ id: 1 })]);
    });
    await contains(".o_crm_filter_period").click();
    await contains(".o_crm_filter_from").edit("02/10/2026");
    await animationFrame();
    await contains(".o_crm_filter_to").edit("02/20/2026");
    await animationFrame();
    expect.verifySteps([
        {},
        { date_from: "2026-02-10" },
        { date_from: "2026-02-10", date_to: "2026-02-20" },
    ]);
    expect(".o_crm_filter_period").toHaveText("Feb 10 to Feb 20");
});

test("the search waits until typing stops", async () => {
    await mountTimeline(({ filters }) => {
        expect.step(filters.search ?? "");
        return makePage([makeRow({ id: 1 })]);
    });
    await contains(".o_crm_timeline_search input").edit("desk", { confirm: false });
    expect.verifySteps([""]);
    await advanceTime(300);
    expect.verifySteps(["desk"]);
    await contains(".o_crm_timeline_search input").edit("chair", { confirm: "enter" });
    await runAllTimers();
    expect.verifySteps(["chair"]);
});

test("a late answer to an older filter is ignored", async () => {
    const slow = new Deferred();
    await mountTimeline(({ filters }) => {
        if (filters.search === "slow") {
            return slow;
        }
        return makePage([makeRow({ id: 1, name: filters.search ?? "everything" })]);
    });
    for (const word of ["slow", "fast"]) {
        await contains(".o_crm_timeline_search input").edit(word, { confirm: "enter" });
    }
    await animationFrame();
    expect(queryAllTexts(".o_crm_timeline_summary")).toEqual(["fast"]);
    slow.resolve(makePage([makeRow({ id: 1, name: "slow" })]));
    await animationFrame();
    expect(queryAllTexts(".o_crm_timeline_summary")).toEqual(["fast"]);
});

test("filters that match nothing offer a way back", async () => {
    await mountTimeline(({ filters }) => makePage(filters.search ? [] : [makeRow({ id: 1 })]));
    await contains(".o_crm_timeline_search input").edit("zebra", { confirm: "enter" });
    expect(".o_crm_timeline_empty").toHaveCount(1);
    await contains(".o_crm_timeline_empty button").click();
    expect(".o_crm_timeline_entry").toHaveCount(1);
});

test("a week of the strip filters, and a second click lets go", async () => {
    await mountTimeline(({ filters }) => {
        expect.step(filters);
        return makePage([makeRow({ id: 1 })]);
    });
    await contains(".o_crm_activity_strip_bars button:eq(1)").click();
    await contains(".o_crm_activity_strip_bars button:eq(1)").click();
    expect.verifySteps([{}, { date_from: "2025-03-10", date_to: "2025-03-16" }, {}]);
});

test("the strip is one tab stop, and arrow keys walk along it", async () => {
    await mountTimeline(() => makePage([makeRow({ id: 1 })]));
    const bars = ".o_crm_activity_strip_bars button";
    expect(`${bars}[tabindex="0"]`).toHaveCount(1);
    queryOne(`${bars}[tabindex="0"]`).focus();
    await press("ArrowLeft");
    await animationFrame();
    expect(`${bars}:eq(51)`).toBeFocused();
    expect(`${bars}:eq(51)`).toHaveAttribute(
        "aria-label",
        "Week of Feb 23: 1 interaction"
    );
});

test("the history is loaded anew when the form is saved", async () => {
    onRpc("res.customer", "web_save", () => expect.step("save"));
    await mountTimeline(() => {
        expect.step("page");
        return makePage([makeRow({ id: 1 })]);
    });
    await contains(".o_field_widget[name=name] input").edit("Azure");
    await contains(".o_form_button_save").click();
    await animationFrame();
    expect.verifySteps(["page", "save", "page"]);
});

test("another record has its own history, with no filter left", async () => {
    await mountTimeline(
        ({ filters }, [scope]) => {
            expect.step([scope.partner_id, filters]);
            return makePage([makeRow({ id: 1 })]);
        },
        { resIds: [1, 2] }
    );
    await contains(".o_crm_filter_direction").click();
    await contains(".o-dropdown-item:contains(Incoming)").click();
    await contains(".o_pager_next").click();
    await animationFrame();
    expect.verifySteps([
        [1, {}],
        [1, { direction: "in" }],
        [2, {}],
    ]);
});

test("a lead shows its own history, and its customer's when asked", async () => {
    await mountTimeline(
        (kwargs, [scope]) => {
            expect.step(scope);
            return makePage([makeRow({ id: 1 })]);
        },
        {
            resModel: "crm.lead",
            resId: 5,
            arch: FORM.replace("<notebook>", '<field name="partner_id"/><notebook>'),
        }
    );
    await contains(".o_crm_timeline_of_customer").click();
    expect.verifySteps([{ lead_id: 5 }, { partner_id: 1 }]);
});

test("logging opens the dialog for this record and loads anew when it closes", async () => {
    mockService("action", {
        doAction(action, { onClose }) {
            expect.step([action.res_model, action.context]);
            onClose();
        },
    });
    await mountTimeline(() => {
        expect.step("page");
        return makePage([makeRow({ id: 1, can_edit: true })]);
    });
    await contains(".o_crm_timeline_log").click();
    await animationFrame();
    await contains(".o_crm_timeline_edit").click();
    await animationFrame();
    expect.verifySteps([
        "page",
        ["crm.interaction.log", { default_partner_id: 1 }],
        "page",
        ["crm.interaction.log", { default_interaction_id: 1 }],
        "page",
    ]);
});

test("the form follows what is logged, unless it has unsaved changes", async () => {
    mockService("action", {
        doAction(action, { onClose }) {
            onClose();
        },
    });
    onRpc("res.customer", "web_read", () => expect.step("form"));
    await mountTimeline(() => {
        expect.step("page");
        return makePage([makeRow({ id: 1 })]);
    });
    expect.verifySteps(["form", "page"]);
    await contains(".o_crm_timeline_log").click();
    await animationFrame();
    expect.verifySteps(["page", "form"]);
    await contains(".o_field_widget[name=name] input").edit("Azure");
    await contains(".o_crm_timeline_log").click();
    await animationFrame();
    expect.verifySteps(["page"]);
    expect(".o_field_widget[name=name] input").toHaveValue("Azure");
});

test("an own entry is deleted after a confirmation", async () => {
    const rows = [makeRow({ id: 2, can_edit: true }), makeRow({ id: 1 })];
    onRpc("crm.interaction", "unlink", ({ args }) => {
        expect.step(args[0]);
        rows.shift();
        return true;
    });
    await mountTimeline(() => makePage([...rows]));
    expect(".o_crm_timeline_delete").toHaveCount(1);
    await contains(".o_crm_timeline_delete").click();
    expect.verifySteps([]);
    await click(".modal-footer .btn-danger");
    await animationFrame();
    await animationFrame();
    expect.verifySteps([[2]]);
    expect(queryAllAttributes(".o_crm_timeline_entry", "data-id")).toEqual(["1"]);
});
