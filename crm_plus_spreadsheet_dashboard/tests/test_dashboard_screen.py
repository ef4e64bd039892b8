"""The dashboards as managers open them: in a browser, every cell with a value."""

import json
from datetime import timedelta

from odoo import Command
from odoo.addons.crm_plus.tests.kpi.test_kpi_day import KpiCase
from odoo.tests import HttpCase, new_test_user, tagged

# Opens the dashboard's model as the screen did, waits for its data, and compares.
LOOK = """
(async () => {
    const until = async (what) => {
        for (let turn = 0; turn < 600; turn++) {
            const found = what();
            if (found) { return found; }
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        throw new Error("nothing to see: " + what);
    };
    const env = await until(() => odoo.__WOWL_DEBUG__?.root?.env);
    const loader = await until(() => env.services.spreadsheet_dashboard_loader);
    const model = await until(() => loader.getActiveDashboard()?.model);
    const { waitForDataLoaded } = odoo.loader.modules.get("@spreadsheet/helpers/model");
    await waitForDataLoaded(model);
    const look = () => {
        const shown = {};
        for (const sheetId of model.getters.getSheetIds()) {
            for (const cell of Object.values(model.getters.getEvaluatedCells(sheetId))) {
                if (cell.type === "error") { throw new Error(`${cell.value}: ${cell.message}`); }
            }
        }
        for (let row = 1; row < 40; row++) {
            const [name, value, before, target] = [0, 1, 2, 3].map(
                (col) => model.getters.getEvaluatedCell({ sheetId: "data", col, row })
            );
            if (name.value) { shown[name.value] = [value, before, target].map((cell) => cell.formattedValue); }
        }
        for (const id of model.getters.getOdooChartIds()) {
            const source = model.getters.getChartDataSource(id);
            shown[id] = source.getData().datasets.map((set) => set.data.reduce((sum, one) => sum + one, 0));
        }
        return shown;
    };
    const cell = (col, row) =>
        model.getters.getEvaluatedCell({ sheetId: "dashboard", col, row }).formattedValue;
    const expected = EXPECTED;
    const compare = (what, found) => {
        for (const [name, values] of Object.entries(expected[what])) {
            if (JSON.stringify(found[name]) !== JSON.stringify(values)) {
                throw new Error(`${what}, ${name}: ${JSON.stringify(found)}`);
            }
        }
    };
    compare("whole", look());
    const listed = {};
    for (let row = 0; row < 45; row++) {
        if (cell(7, row)) { listed[cell(7, row)] = [cell(8, row), cell(9, row)]; }
    }
    compare("listed", listed);
    model.dispatch("SET_GLOBAL_FILTER_VALUE", {
        id: "segment", value: { operator: "in", ids: [SEGMENT] },
    });
    await waitForDataLoaded(model);
    compare("segment", look());
    await until(() => document.querySelector(".o-scorecard, .o-figure canvas"));
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""


@tagged("post_install", "-at_install")
class TestDashboardScreen(KpiCase, HttpCase):
    def test_a_manager_opens_the_customers(self):
        self.env["crm.kpi.day"].search([("company_id", "=", self.company.id)]).unlink()
        segment = self.env["crm.segment.family"].create(
            {
                "name": "Family", "company_id": self.company.id, "kind": "manual",
                "segment_ids": [Command.create({"name": "Gardeners"})],
            }
        ).segment_ids  # fmt: skip
        rows = [
            ("revenue", 2, 100, None, {}), ("revenue", 1, 250, None, {}), ("revenue", 1, 60, None, segment),
            ("customers", 2, 7, None, {}), ("customers", 1, 9, None, {}), ("customers", 1, 3, None, segment),
            ("average_order", 2, 100, 1, {}), ("average_order", 1, 250, 4, {}), ("repeat_rate", 1, 3, 4, {}),
            ("new_customers", 1, 2, None, {}),
            # the first day of those that the overview shows, and one of those before
            ("revenue", 90, 50, None, {}), ("revenue", 120, 200, None, {}),
        ]  # fmt: skip
        self.env["crm.kpi.day"].create(
            [
                {
                    "company_id": self.company.id, "figure": figure, "date": self.today - timedelta(days=ago),
                    "numerator": value, "denominator": denominator,
                    "dimension": "segment" if part else "company", "segment_id": part and part.id,
                }
                for figure, ago, value, denominator, part in rows
            ]
        )  # fmt: skip
        self.env["crm.kpi.target"].create(
            {
                "figure": "customers", "amount": 10, "company_id": self.company.id,
                "date_from": self.today - timedelta(days=30), "date_to": self.today + timedelta(days=30),
            }
        )  # fmt: skip
        new_test_user(
            self.env, "dashboards", "sales_team.group_sale_manager,base.group_partner_manager",
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)],
        )  # fmt: skip
        money = self.company.currency_id
        sign = money.symbol

        def amount(number):
            text = f"{number:.{money.decimal_places}f}"
            return f"{sign}{text}" if money.position == "before" else f"{text}{sign}"

        expected = {
            "whole": {
                "Revenue": [amount(400), amount(200), ""],
                "Average order": [amount(70), "", ""],
                "Customers": ["9", "", "10"],
                "Repeat rate": ["75.0%", "", ""],
                "chart_1": [400],
            },
            "listed": {"Gardeners": ["3", "60"]},
            "segment": {"Revenue": [amount(60), "", ""], "Customers": ["3", "", ""], "chart_1": [60]},
        }
        self.look("customers", expected, segment)

    def look(self, name, expected, segment):
        dashboard = self.env.ref(f"crm_plus_spreadsheet_dashboard.dashboard_{name}")
        code = LOOK.replace("EXPECTED", json.dumps(expected)).replace("SEGMENT", str(segment.id))
        self.browser_js(
            f"/odoo/dashboards?dashboard_id={dashboard.id}", code, "odoo.isReady === true", login="dashboards",
            timeout=180,
        )  # fmt: skip
