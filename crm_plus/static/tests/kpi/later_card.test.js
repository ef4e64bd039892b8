import { Customer, defineFormModels, failingAt } from "@crm_plus/../tests/shared/forms";
import { LaterCard } from "@crm_plus/kpi/later_card/later_card";
import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { Component, useState, xml } from "@odoo/owl";
import { contains, mountWithCleanup, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";

defineFormModels(Customer);

/** Mount a card; `show` scrolls it into view, `choose` changes the filters. */
async function mountCard() {
    let seen;
    patchWithCleanup(window, {
        IntersectionObserver: class {
            constructor(callback) {
                seen = callback;
            }
            observe() {}
            disconnect() {}
        },
    });
    class Parent extends Component {
        static components = { LaterCard };
        static props = {};
        static template = xml`
            <LaterCard card="'effort'" chosen="state.chosen" t-slot-scope="later"><p class="answer" t-esc="later.data.text"/></LaterCard>`;

        setup() {
            this.state = useState({ chosen: { days: 30 } });
        }
    }
    const parent = await mountWithCleanup(Parent);
    const settled = async (change) => {
        change();
        await animationFrame();
        await animationFrame();
    };
    return {
        show: (isIntersecting = true) => settled(() => seen([{ isIntersecting }])),
        choose: (days) => settled(() => (parent.state.chosen = { days })),
    };
}

test("a card is counted once it comes into view, and anew when others are chosen", async () => {
    onRpc("crm.kpi.day", "overview_card", ({ args }) => {
        expect.step([args[0], args[1].days]);
        return { text: `of ${args[1].days} days` };
    });
    const { show, choose } = await mountCard();
    await choose(60);
    await show(false);
    expect.verifySteps([]);
    expect(".o_crm_later_card .placeholder").toHaveCount(3);
    await show();
    expect(".answer").toHaveText("of 60 days");
    await choose(90);
    expect(".answer").toHaveText("of 90 days");
    expect.verifySteps([
        ["effort", 60],
        ["effort", 90],
    ]);
});

test("what could not be counted says so, and is tried again", async () => {
    const { answer, mended } = failingAt({ text: "here" });
    onRpc("crm.kpi.day", "overview_card", () => answer());
    const { show } = await mountCard();
    await show();
    expect(".answer").toHaveCount(0);
    mended();
    await contains(".o_crm_later_card button").click();
    await animationFrame();
    expect(".answer").toHaveText("here");
});

test("a card that was counted some minutes ago says when, and is counted again", async () => {
    const answers = [{ text: "of then", kept: "2026-02-12 08:14:00" }, { text: "of now", kept: false }];
    onRpc("crm.kpi.day", "overview_card", ({ kwargs }) => {
        expect.step(kwargs.again ?? "as kept");
        return answers.shift();
    });
    const { show } = await mountCard();
    await show();
    expect(".answer").toHaveText("of then");
    // in the time zone of the tests, an hour ahead of the server's
    expect(".o_crm_counted_at span").toHaveText("Counted at 9:14 AM");
    await contains(".o_crm_counted_at button").click();
    await animationFrame();
    expect(".answer").toHaveText("of now");
    expect(".o_crm_counted_at").toHaveCount(0);
    expect.verifySteps(["as kept", true]);
});
