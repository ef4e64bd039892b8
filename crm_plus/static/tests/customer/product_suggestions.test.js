import { Customer, defineFormModels, mountForm } from "@crm_plus/../tests/shared/forms";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, onRpc } from "@web/../tests/web_test_helpers";

defineFormModels(Customer);

const FOUND = [
    { product_id: 7, name: "Filters", because: "Coffee", confidence: 0.6 },
    { product_id: 8, name: "Cups", because: "Coffee", confidence: 0.25 },
];

async function openSuggestions(found) {
    onRpc("sale.order", "get_product_suggestions", ({ args }) => {
        expect.step(["asked", args[0]]);
        return found;
    });
    onRpc("sale.order", "add_suggested_products", ({ args }) => {
        expect.step(["added", args]);
        return true;
    });
    await mountForm(`<form><widget name="crm_product_suggestions"/><field name="name"/></form>`);
    await contains(".o_crm_suggestions").click();
    await animationFrame();
}

test("products that go with the order are chosen and added to it", async () => {
    await openSuggestions(FOUND);
    expect(queryAllTexts(".modal .form-check-label")).toEqual([
        "Filters\n60% of orders with Coffee also include it",
        "Cups\n25% of orders with Coffee also include it",
    ]);
    expect(".o_crm_suggestions_add").not.toBeEnabled();
    await contains(".modal .form-check-input:eq(1)").click();
    await contains(".o_crm_suggestions_add").click();
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect.verifySteps([
        ["asked", [1]],
        ["added", [[1], [8]]],
    ]);
});

test("an order without suggestions says what they wait for", async () => {
    await openSuggestions([]);
    expect(".o_crm_suggestions_none").toHaveText(/^Nothing yet/);
    expect(".o_crm_suggestions_add").toHaveCount(0);
    expect.verifySteps([["asked", [1]]]);
});
