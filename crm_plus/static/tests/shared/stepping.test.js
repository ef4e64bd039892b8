import { targetIds } from "@crm_plus/shared/stepping/stepping";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineActions,
    defineModels,
    fields,
    getService,
    models,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

class Customer extends models.Model {
    _name = "customer";

    name = fields.Char();

    _records = [
        { id: 11, name: "Ada" },
        { id: 12, name: "Bob" },
        { id: 13, name: "Cid" },
    ];
    _views = { form: `<form><field name="name"/></form>` };
}

class Profile extends models.Model {
    _name = "profile";

    partner_id = fields.Many2one({ relation: "customer" });
    size = fields.Char();

    _records = [
        { id: 1, partner_id: 12, size: "big" },
        { id: 2, partner_id: 11, size: "small" },
        { id: 3, partner_id: 13, size: "big" },
    ];
    _views = {
        list: `<list js_class="crm_stepping_list" action="open" type="object"><field name="partner_id"/></list>`,
        kanban: `
            <kanban js_class="crm_stepping_kanban" action="open" type="object">
                <templates><t t-name="card"><field name="partner_id"/></t></templates>
            </kanban>`,
        search: `<search/>`,
    };
}

defineMailModels();
defineModels([Customer, Profile]);
defineActions([
    { id: 1, name: "List", res_model: "profile", type: "ir.actions.act_window", views: [[false, "list"]] },
    { id: 2, name: "Board", res_model: "profile", type: "ir.actions.act_window", views: [[false, "kanban"]] },
]);

async function openSecond(action, selector) {
    onRpc("profile", "open", ({ args }) => ({
        type: "ir.actions.act_window",
        res_model: "customer",
        res_id: { 1: 12, 2: 11, 3: 13 }[args[0][0]],
        views: [[false, "form"]],
    }));
    await mountWithCleanup(WebClient);
    await getService("action").doAction(action);
    await contains(selector).click();
    await animationFrame();
}

describe.current.tags("desktop");

test("the customers of a list are stepped through in its order", async () => {
    await openSecond(1, ".o_data_row:nth-child(2) .o_data_cell");
    expect(".o_form_view [name=name] input").toHaveValue("Ada");
    expect(".o_pager_value").toHaveText("2");
    expect(".o_pager_limit").toHaveText("3");
    await contains(".o_pager_next").click();
    expect(".o_form_view [name=name] input").toHaveValue("Cid");
});

test("so are those of a board", async () => {
    await openSecond(2, ".o_kanban_record:nth-child(1)");
    expect(".o_form_view [name=name] input").toHaveValue("Bob");
    expect(".o_pager_limit").toHaveText("3");
    await contains(".o_pager_next").click();
    expect(".o_form_view [name=name] input").toHaveValue("Ada");
});

test("rows that stand for something else are stepped over, and each record comes once", () => {
    const relations = { lead_id: { relation: "crm.lead" }, partner_id: { relation: "res.partner" } };
    const row = (lead_id, partner_id) => ({
        fields: relations,
        data: { lead_id: lead_id && { id: lead_id }, partner_id: partner_id && { id: partner_id } },
    });
    const rows = [row(5, 1), row(false, 2), row(false, 3), row(false, 2), row(false, false)];
    expect(targetIds(rows, "res.partner")).toEqual([2, 3]);
    expect(targetIds(rows, "crm.lead")).toEqual([5]);
});
