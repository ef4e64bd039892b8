import { Customer, defineFormModels } from "@crm_plus/../tests/shared/forms";
import { ExportButton } from "@crm_plus/shared/export_button/export_button";
import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, mockService, mountWithCleanup, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { ConnectionLostError } from "@web/core/network/rpc";
import { user } from "@web/core/user";

defineFormModels(Customer);

async function mountButton(hasGroup) {
    patchWithCleanup(user, { hasGroup });
    mockService("action", { doAction: ({ url, target }) => expect.step([url, target]) });
    await mountWithCleanup(ExportButton, { props: { path: "movement", asked: { from: "2026-05-01" } } });
    await animationFrame();
}

test("who may export downloads what the screen shows, of the company it shows", async () => {
    await mountButton(async (group) => group === "base.group_allow_export");
    await contains(".o_crm_export").click();
    const company = user.activeCompany.id;
    expect.verifySteps([[`/crm_plus/movement.xlsx?company_id=${company}&from=2026-05-01`, "download"]]);
});

test("who may not export, and who cannot be asked about, has no button", async () => {
    await mountButton(async () => false);
    expect(".o_crm_export").toHaveCount(0);
    await mountButton(async () => {
        throw new ConnectionLostError("/web/dataset/call_kw");
    });
    expect(".o_crm_export").toHaveCount(0);
});
