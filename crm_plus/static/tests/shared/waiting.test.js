import { Customer, defineFormModels } from "@crm_plus/../tests/shared/forms";
import { expect, test } from "@odoo/hoot";
import { Waiting } from "@crm_plus/shared/waiting/waiting";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";

defineFormModels(Customer);

test("what is still being counted is told to screen readers as well", async () => {
    await mountWithCleanup(Waiting);
    expect(".o_crm_waiting").toHaveAttribute("role", "status");
    expect(".o_crm_waiting .placeholder").toHaveCount(3);
    expect(".o_crm_waiting .visually-hidden").toHaveText("Loading...");
});
