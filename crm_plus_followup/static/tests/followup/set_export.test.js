import { expect, test } from "@odoo/hoot";
import { getService, makeMockEnv, onRpc } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

defineMailModels();

test("a set is downloaded by the host's export, with the context of the action", async () => {
    onRpc("/web/export/xlsx", async (request) => {
        const { model, ids, fields, context, groupby, import_compat: isForImport } = JSON.parse(
            (await request.formData()).get("data")
        );
        expect.step({ model, ids, fields, context, groupby, isForImport });
        return new Blob([], { type: "application/octet-stream" });
    });
    await makeMockEnv();
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "crm_set_export",
        params: {
            model: "res.partner",
            ids: [3, 5],
            fields: [{ name: "name", label: "Name" }],
            domain: [],
            context: { lang: "fa_IR" },
        },
    });
    expect.verifySteps([
        {
            model: "res.partner",
            ids: [3, 5],
            fields: [{ name: "name", label: "Name" }],
            context: { lang: "fa_IR" },
            groupby: [],
            isForImport: false,
        },
    ]);
});
