import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { click, hover, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import {
    defineModels,
    fields,
    makeServerError,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Order extends models.Model {
    _name = "res.bill";

    name = fields.Char();
    partner_id = fields.Many2one({ relation: "res.customer" });

    _records = [
        { id: 1, name: "B1", partner_id: 7 },
        { id: 2, name: "B2", partner_id: false },
    ];
}

class Partner extends models.Model {
    _name = "res.customer";

    name = fields.Char();

    _records = [{ id: 7, name: "Azure Interior" }];
}

defineMailModels();
defineModels([Partner, Order]);

const CARD = {
    state: "ready",
    customer_id: 7,
    customer: false,
    figures: [
        {
            key: "worth",
            label: "Worth",
            value: "$ 900",
            detail: "3 orders",
            why: ["Revenue since 2026-03-01."],
            opens: { res_model: "sale.order", domain: [["date", ">", "2026-03-01"]], name: "Orders" },
        },
        { key: "tier", label: "Tier", value: "Silver", detail: "$ 120 by 2026-06-30 to Gold", why: ["In it."], color: 3 },
        { key: "money", label: "Open invoices", value: "$ 50", detail: "$ 20 overdue", why: ["Open."], level: "high" },
    ],
    action: { key: "settle_invoices", text: "Settle overdue invoices", why: ["$ 20 overdue."] },
};

beforeEach(() => mockDate("2026-05-12 10:00:00"));

const asked = [];

async function mountCard({ answer = () => CARD, resId = 1 } = {}) {
    asked.length = 0;
    onRpc("crm.customer.profile", "glance", ({ args }) => {
        asked.push(args[0]);
        return answer();
    });
    await mountView({
        type: "form",
        resModel: "res.bill",
        resId,
        arch: `<form><widget name="crm_glance" partner="partner_id"/><field name="name"/><field name="partner_id"/></form>`,
    });
    await animationFrame();
}

test("a card shows its figures and what is best done next", async () => {
    await mountCard();
    expect(asked).toEqual([7]);
    expect(queryAllTexts(".o_crm_glance_figure .text-muted:first-child")).toEqual(["Worth", "Tier", "Open invoices"]);
    expect(".o_crm_glance_action .badge").toHaveText("Settle overdue invoices");
    expect(".o_crm_glance_tier").toHaveText(/\$ 120 by Jun 30 to Gold/);
    expect(".o_crm_glance_money .text-danger").toHaveText("$ 50");
});

test.tags("desktop");
test("a figure explains itself", async () => {
    await mountCard();
    await hover(".o_crm_glance_worth");
    await animationFrame();
    expect(".o_crm_why_lines").toHaveText("Revenue since Mar 1.");
    expect(queryFirst(".o_crm_glance_worth .visually-hidden").textContent).toBe("Revenue since Mar 1.");
});

test("a figure opens its records, whose conditions stay as the server wrote them", async () => {
    mockService("action", { doAction: ({ res_model, domain }) => expect.step([res_model, domain]) });
    await mountCard();
    await click(".o_crm_glance_worth button");
    expect.verifySteps([["sale.order", [["date", ">", "2026-03-01"]]]]);
});

test("without a customer nothing is asked and nothing shown", async () => {
    await mountCard({ resId: 2 });
    expect(asked).toEqual([]);
    expect(".o_crm_glance").toHaveCount(0);
});

test("who may not see profiles has no card", async () => {
    await mountCard({
        answer: () => {
            throw makeServerError({ type: "AccessError" });
        },
    });
    expect(".o_crm_glance").toHaveCount(0);
});

test("what could not be loaded can be tried again", async () => {
    let fails = true;
    await mountCard({
        answer: () => {
            if (fails) {
                throw makeServerError({ message: "down" });
            }
            return CARD;
        },
    });
    expect(".o_crm_glance_failed").toHaveCount(1);
    fails = false;
    await click(".o_crm_glance_failed button");
    await animationFrame();
    expect(".o_crm_glance_figure").toHaveCount(3);
});

test("whoever is no customer has no card", async () => {
    await mountCard({ answer: () => ({ state: "none" }) });
    expect(".o_crm_glance").toHaveCount(0);
});
