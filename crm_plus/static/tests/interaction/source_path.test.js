import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { contains, defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

class Source extends models.Model {
    _name = "res.source";

    model_name = fields.Char();
    is_installed = fields.Boolean();
    date_path = fields.Char();

    _records = [
        { id: 1, model_name: "res.source", is_installed: true, date_path: "model_name" },
        { id: 2, model_name: "res.source", is_installed: true, date_path: "model_name,date_path" },
        { id: 3, model_name: "to.come", is_installed: false, date_path: "date" },
        { id: 4, model_name: "res.source", is_installed: true, date_path: "gone_id.date?" },
    ];
}

defineMailModels();
defineModels([Source]);

function mountSource(resId) {
    return mountView({
        type: "form",
        resModel: "res.source",
        resId,
        arch: `
            <form>
                <field name="model_name"/>
                <field name="is_installed"/>
                <field name="date_path" widget="crm_source_path"/>
            </form>`,
    });
}

test("a path is picked field by field, or typed", async () => {
    await mountSource(1);
    expect(".o_crm_source_path .o_model_field_selector").toHaveCount(1);
    expect(".o_crm_source_path input").toHaveCount(0);
    await contains(".o_crm_source_path_switch").click();
    expect(".o_crm_source_path input").toHaveValue("model_name");
    await contains(".o_crm_source_path input").edit("date_path");
    await contains(".o_crm_source_path_switch").click();
    expect(".o_crm_source_path .o_model_field_selector").toHaveText("Date path");
});

for (const [what, resId] of [["several paths", 2], ["a model to come", 3], ["a missing app", 4]]) {
    test(`the path of ${what} is typed`, async () => {
        await mountSource(resId);
        expect(".o_crm_source_path .o_model_field_selector").toHaveCount(0);
        expect(".o_crm_source_path input").toHaveCount(1);
        expect(".o_crm_source_path_switch").toHaveCount(0);
    });
}
