import { Customer, defineFormModels, failingAt, mountForm } from "@crm_plus/../tests/shared/forms";
import { REST } from "@crm_plus/customer/glance/glance_hover";
import { beforeEach, expect, test } from "@odoo/hoot";
import { click, hover, press, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import {
    contains,
    fields,
    getMockEnv,
    makeServerError,
    mockService,
    models,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { ConnectionLostError } from "@web/core/network/rpc";
import { user } from "@web/core/user";

class Bill extends models.Model {
    _name = "res.bill";

    name = fields.Char();
    partner_id = fields.Many2one({ relation: "res.partner" });
    customer_id = fields.Many2one({ relation: "res.customer" });

    _records = [{ id: 1, name: "B1", partner_id: 17, customer_id: 1 }];
}

defineFormModels(Customer, Bill);

const CARD = {
    state: "ready",
    customer_id: 7,
    name: "Azure Interior",
    customer: false,
    day: false,
    today: "2026-05-12",
    who: "customer since 2024-03-01 · Berlin",
    figures: [
        {
            key: "worth",
            label: "Worth",
            value: "$ 900",
            detail: "3 orders",
            why: ["Revenue since 2026-03-01."],
            opens: { res_model: "sale.order", domain: [["date", ">", "2026-03-01"]], name: "Orders" },
        },
        {
            key: "tier",
            label: "Tier",
            value: "Silver",
            detail: "$ 120 by 2026-06-30 to Gold",
            why: ["In it."],
            color: 3,
            progress: 80,
            near: true,
            opens: { res_model: "res.partner", domain: [["crm_tier_id", "=", 2]], name: "Silver" },
        },
        { key: "risk", label: "Churn risk", value: "Not known", detail: "", why: ["Too few orders."], level: "unknown" },
        { key: "rhythm", label: "Last order", value: "2 days ago", detail: "", why: ["Last order."], level: "low" },
        { key: "money", label: "Open invoices", value: "$ 50", detail: "$ 20 overdue", why: ["Open."], level: "high" },
    ],
    near: ["Without an order, “Asleep” from about 2026-05-20."],
    note: false,
    has_profile: true,
    action: {
        key: "settle_invoices",
        text: "Settle overdue invoices",
        why: ["$ 20 overdue."],
        opens: { res_model: "account.move", domain: [["due", "<", "2026-05-12"]], name: "Open invoices" },
    },
};

const DETAILS = {
    state: "ready",
    profile_id: 1,
    currency_id: 1,
    scores: [
        { key: "r", label: "Recency", score: 4, value: "2 days ago", why: ["Last order on 2026-05-10."] },
        { key: "f", label: "Frequency", score: 2, value: "3 orders", why: ["Score 2 of 5."] },
        { key: "m", label: "Revenue", score: 5, value: "$ 900", why: ["Score 5 of 5."] },
    ],
    others: [
        {
            id: 9,
            name: "Wholesale",
            color: 2,
            why: ["Reason: asked for it."],
            opens: { res_model: "crm.customer.profile", domain: [["other_segment_ids", "in", [9]]], name: "Wholesale" },
        },
    ],
    abc_class: {
        name: "Class B",
        why: ["B: the next 15 %."],
        opens: { res_model: "crm.customer.profile", domain: [["abc_class", "=", "B"]], name: "Class B" },
    },
    history: {
        from: "2026-01-01",
        to: "2026-05-12",
        rows: [
            {
                key: "segment",
                label: "Segment",
                stays: [
                    { id: 1, name: "New", color: 1, from: "2026-01-01", to: "2026-03-01", replayed: true, why: ["From 2026-01-01."] },
                    { id: 2, name: "Loyal", color: 7, from: "2026-03-01", to: false, replayed: false, why: ["Since 2026-03-01."] },
                ],
            },
        ],
    },
    months: [
        { month: "2026-04-01", amount: 300 },
        { month: "2026-05-01", amount: 600 },
    ],
    amount_note: false,
    note: "Too few orders.",
    source: ["From confirmed orders."],
};

const FORM = `<form><widget name="crm_glance"/><field name="name"/></form>`;

beforeEach(() => mockDate("2026-05-12 10:00:00", 0));

/** Mount the form of a contact whose card is `answer`; each time it is asked for is a step. */
async function mountCard(answer = CARD, { details = DETAILS, ...params } = {}) {
    onRpc("crm.customer.profile", "glance", ({ args }) => {
        expect.step(args);
        return typeof answer === "function" ? answer(...args) : answer;
    });
    onRpc("crm.customer.profile", "glance_details", () => (typeof details === "function" ? details() : details));
    return mountForm(FORM, params);
}

const refuse = () => {
    throw makeServerError({ type: "AccessError" });
};

test("a card shows who it is, the figures and what is best done next", async () => {
    await mountCard();
    expect.verifySteps([[1]]);
    expect(".o_crm_glance_who").toHaveText(/customer since Mar 1, 2024 · Berlin/);
    expect(queryAllTexts(".o_crm_glance_label")).toEqual(["Worth", "Tier", "Churn risk", "Last order", "Open invoices"]);
    expect(".o_crm_glance_action .badge").toHaveText("Settle overdue invoices");
    expect(".o_crm_glance_tier").toHaveText(/\$ 120 by Jun 30 to Gold/);
    expect(".o_crm_glance_tier .fa-random").toHaveCount(1);
    expect(".o_crm_glance_worth .fa-random").toHaveCount(0);
    expect(".o_crm_glance_tier .progress").toHaveAttribute("aria-valuenow", "80");
    expect(".o_crm_glance_tier .badge").toHaveClass("o_badge_color_3");
    expect(".o_crm_glance_money .text-danger").toHaveText("$ 50");
    expect(".o_crm_glance_risk .text-muted.fw-normal").toHaveText("Not known");
    expect(".o_crm_glance_near").toHaveText(/“Asleep” from about May 20/);
});

test.tags("desktop");
test("a figure explains itself", async () => {
    await mountCard();
    await hover(".o_crm_glance_worth");
    await animationFrame();
    expect(".o_crm_why_lines").toHaveText("Revenue since Mar 1.");
    expect(queryFirst(".o_crm_glance_worth .visually-hidden").textContent).toBe("Revenue since Mar 1.");
    expect.verifySteps([[1]]);
});

test("figures and badges open their records, whose conditions stay as the server wrote them", async () => {
    mockService("action", { doAction: ({ res_model, domain }) => expect.step([res_model, domain]) });
    await mountCard();
    await click(".o_crm_glance_worth button");
    await click(".o_crm_glance_tier button");
    await click(".o_crm_glance_action button");
    expect.verifySteps([
        [1],
        ["sale.order", [["date", ">", "2026-03-01"]]],
        ["res.partner", [["crm_tier_id", "=", 2]]],
        ["account.move", [["due", "<", "2026-05-12"]]],
    ]);
});

test("who may not see profiles, or is no customer, has no card", async () => {
    await mountCard(refuse);
    expect(".o_crm_glance").toHaveCount(0);
    expect.verifySteps([[1]]);
});

test("whoever is no customer has no card", async () => {
    await mountCard({ state: "none" });
    expect(".o_crm_glance").toHaveCount(0);
    expect.verifySteps([[1]]);
});

test("what could not be loaded can be tried again", async () => {
    const server = failingAt(CARD);
    await mountCard(server.answer);
    expect(".o_crm_glance_failed").toHaveCount(1);
    expect(".o_field_widget[name=name]").toHaveCount(1);
    server.mended();
    await contains(".o_crm_glance_failed button").click();
    expect(".o_crm_glance_figure").toHaveCount(5);
    expect.verifySteps([[1], [1]]);
});

test("folded away, it stays so on the next form, with what is best next", async () => {
    await mountCard();
    await contains(".o_crm_glance_toggle").click();
    expect(".o_crm_glance_body").toHaveCount(0);
    expect(".o_crm_glance_action").toHaveCount(1);
    expect(".o_crm_glance_toggle").toHaveAttribute("aria-expanded", "false");
    expect(localStorage.getItem("crm_plus.glance_collapsed")).toBe("1");
    expect.verifySteps([[1]]);
});

test("the card follows a saved form", async () => {
    await mountCard();
    getMockEnv().bus.trigger("MAIL:RELOAD-THREAD", { model: "res.customer", id: 2 });
    getMockEnv().bus.trigger("MAIL:RELOAD-THREAD", { model: "res.customer", id: 1 });
    await animationFrame();
    expect.verifySteps([[1], [1]]);
});

test.tags("desktop");
test("the next record shows its own card, as of today", async () => {
    await mountCard((id) => (id === 1 ? CARD : { ...CARD, figures: [], near: [], action: false, has_profile: false }), {
        details: { state: "empty", text: "No orders yet." },
        resIds: [1, 2],
    });
    await contains(".o_pager_next").click();
    await animationFrame();
    expect(".o_crm_glance_figure").toHaveCount(0);
    expect(".o_crm_glance_body").toHaveText("No orders yet.");
    expect(".o_crm_glance_more").toHaveCount(0);
    expect.verifySteps([[1], [2]]);
});

test("the details are one click away: scores, class, months, where they were", async () => {
    await mountCard();
    expect(".o_crm_glance_details").toHaveCount(0);
    await contains(".o_crm_glance_more").click();
    expect(queryAllTexts(".o_crm_rfm_part .fw-bold")).toEqual(["4", "2", "5"]);
    expect(".o_crm_rfm_part:first .o_on").toHaveCount(4);
    expect(".o_crm_glance_class .badge").toHaveText("Class B");
    expect(".o_crm_glance_other .badge").toHaveText("Wholesale");
    expect(".o_crm_spark_bar").toHaveCount(2);
    expect(".o_crm_glance_no_forecast").toHaveText("No forecast: Too few orders.");
    expect(queryAllTexts(".o_crm_stay button")).toEqual(["New", "Loyal"]);
    expect(".o_crm_stay button.o_crm_replayed").toHaveText("New");
    expect(".o_crm_stay_legend").toHaveCount(1);
    await contains(".o_crm_glance_more").click();
    expect(".o_crm_glance_details").toHaveCount(0);
    expect.verifySteps([[1]]);
});

test("badges among the details lead to the customers who have them", async () => {
    mockService("action", { doAction: ({ res_model, domain }) => expect.step([res_model, domain]) });
    await mountCard();
    await contains(".o_crm_glance_more").click();
    await click(".o_crm_glance_class button");
    await click(".o_crm_glance_other button");
    expect.verifySteps([
        [1],
        ["crm.customer.profile", [["abc_class", "=", "B"]]],
        ["crm.customer.profile", [["other_segment_ids", "in", [9]]]],
    ]);
});

test("amounts that one may not see leave the months out, and say why", async () => {
    await mountCard(CARD, { details: { ...DETAILS, months: [], amount_note: "Amounts are not shown to readers." } });
    await contains(".o_crm_glance_more").click();
    expect(".o_crm_amount_note").toHaveText("Amounts are not shown to readers.");
    expect(".o_crm_spark_bars").toHaveCount(0);
    expect.verifySteps([[1]]);
});

test("details that fail can be tried again", async () => {
    const server = failingAt(DETAILS);
    await mountCard(CARD, { details: server.answer });
    await contains(".o_crm_glance_more").click();
    await animationFrame();
    expect(".o_crm_glance_body .o_crm_glance_failed").toHaveCount(1);
    server.mended();
    await contains(".o_crm_glance_body .o_crm_glance_failed button").click();
    expect(".o_crm_glance_details").toHaveCount(1);
    expect.verifySteps([[1]]);
});

const then = (id, day) =>
    day ? { ...CARD, day, figures: CARD.figures.slice(1, 3), near: [], action: false, note: "From documents." } : CARD;

test("a stay of the strip leads to what was known when it began, and back", async () => {
    await mountCard(then);
    await contains(".o_crm_glance_more").click();
    await contains(".o_crm_stay button:first").click();
    expect(".o_crm_glance_day").toHaveText("As of Jan 1");
    expect(".o_crm_glance_figure").toHaveCount(2);
    expect(".o_crm_glance_action").toHaveCount(0);
    expect(".o_crm_glance_note").toHaveText("From documents.");
    await contains(".o_crm_glance_today").click();
    expect(".o_crm_glance_figure").toHaveCount(5);
    expect(".o_crm_glance_day").toHaveCount(0);
    expect.verifySteps([[1], [1, "2026-01-01"], [1]]);
});

test.tags("desktop");
test("any past day can be chosen", async () => {
    await mountCard(then);
    await contains(".o_crm_glance_choose").click();
    await contains(".o_crm_glance_date").edit("04/03/2026", { confirm: "enter" });
    await animationFrame();
    expect(".o_crm_glance_day").toHaveText("As of Apr 3");
    expect.verifySteps([[1], [1, "2026-04-03"]]);
});

/** A form with a contact in a field. */
async function mountBill({ mayRead = true, answer = CARD, readonly = false } = {}) {
    patchWithCleanup(user, { hasGroup: async (group) => mayRead && group === "crm_plus.group_crm_plus_user" });
    onRpc("crm.customer.profile", "glance", ({ args }) => {
        expect.step(args);
        return typeof answer === "function" ? answer() : answer;
    });
    const field = readonly ? 'readonly="1"' : "";
    await mountForm(
        `<form><field name="name"/><field name="partner_id" ${field}/><field name="customer_id" ${field}/></form>`,
        { resModel: "res.bill" }
    );
}

const rest = async (selector) => {
    await hover(selector);
    await advanceTime(REST);
    await animationFrame();
};

test.tags("desktop");
test("the card of a contact appears beside a field on which the pointer rests, and goes with it", async () => {
    await mountBill({ readonly: true });
    expect.verifySteps([]);
    await hover(".o_field_widget[name=partner_id] .o_many2one");
    await advanceTime(REST / 2);
    expect.verifySteps([]);
    await advanceTime(REST / 2);
    await animationFrame();
    expect.verifySteps([[17]]);
    expect(".o_crm_glance_hover .fw-bold:first").toHaveText("Azure Interior");
    expect(".o_crm_glance_hover .o_crm_glance_worth button").toHaveText("$ 900");
    await hover(".o_crm_glance_hover");
    await advanceTime(2 * REST);
    expect(".o_crm_glance_hover").toHaveCount(1);
    await hover(".o_field_widget[name=name]");
    await advanceTime(REST);
    await animationFrame();
    expect(".o_crm_glance_hover").toHaveCount(0);
});

test.tags("desktop");
test("who passes by, other models and who may not see cards ask for none", async () => {
    await mountBill({ mayRead: false, readonly: true });
    await hover(".o_field_widget[name=partner_id] .o_many2one");
    await advanceTime(REST / 2);
    await rest(".o_field_widget[name=customer_id] .o_many2one");
    await rest(".o_field_widget[name=partner_id] .o_many2one");
    expect(".o_crm_glance_hover").toHaveCount(0);
    expect.verifySteps([]);
});

test.tags("desktop");
test("as long as the server cannot be asked who may see cards, there is none", async () => {
    await mountBill({ readonly: true });
    patchWithCleanup(user, {
        hasGroup: async () => {
            throw new ConnectionLostError("/web/dataset/call_kw");
        },
    });
    await rest(".o_field_widget[name=partner_id] .o_many2one");
    expect(".o_crm_glance_hover").toHaveCount(0);
    expect.verifySteps([]);
});

test.tags("desktop");
test("a button shows the card, too, and what has none stays as it is", async () => {
    let card = CARD;
    await mountBill({ answer: () => card });
    await click(".o_field_widget[name=partner_id] .o_crm_glance_button");
    await animationFrame();
    expect(".o_crm_glance_hover").toHaveCount(1);
    await click(".o_field_widget[name=name] input");
    await animationFrame();
    expect(".o_crm_glance_hover").toHaveCount(0);
    card = { state: "none" };
    await click(".o_field_widget[name=partner_id] .o_crm_glance_button");
    await animationFrame();
    expect(".o_crm_glance_hover").toHaveCount(0);
    expect(".o_field_widget[name=customer_id] .o_crm_glance_button").toHaveCount(0);
    expect.verifySteps([[17], [17]]);
});

for (const readonly of [false, true]) {
    test.tags("desktop");
    test(`by keys alone one comes to the card and back, in a field that is ${readonly ? "shown" : "edited"}`, async () => {
        await mountBill({ readonly });
        const button = queryFirst(".o_field_widget[name=partner_id] .o_crm_glance_button");
        expect(button.tabIndex).toBe(0);
        // As with the host's button beside it, it is there for whoever is in the field.
        queryFirst(".o_field_widget[name=partner_id] :is(input, a)").focus();
        button.focus();
        await press("Enter");
        await animationFrame();
        expect(".o_crm_glance_hover").toHaveCount(1);
        expect(queryFirst(".o_crm_glance_hover").contains(document.activeElement)).toBe(true);
        await press("Escape");
        await animationFrame();
        await press("Escape");
        await animationFrame();
        expect(".o_crm_glance_hover").toHaveCount(0);
        expect(document.activeElement).toBe(button);
        expect.verifySteps([[17]]);
    });
}

test.tags("mobile");
test("a touch on the button of a contact that is only shown opens the card", async () => {
    await mountBill({ readonly: true });
    expect(".o_field_widget[name=partner_id] .o_crm_glance_kept").toHaveCount(1);
    await click(".o_field_widget[name=partner_id] .o_crm_glance_button");
    await animationFrame();
    expect(".o_crm_glance_hover").toHaveCount(1);
    expect.verifySteps([[17]]);
});
