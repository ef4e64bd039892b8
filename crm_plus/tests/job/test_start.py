from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged

from ...services.job.start import STEPS


@tagged("post_install", "-at_install")
class TestStart(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Newcomers Ltd"})
        cls.manager = new_test_user(
            cls.env, "start_manager", "sales_team.group_sale_manager",
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)],
        )  # fmt: skip
        cls.start = cls.env["crm.start.step"].with_user(cls.manager)

    def steps(self):
        return {step["code"]: step for step in self.start.start_list()["steps"]}

    def test_each_step_says_where_it_is_and_has_one_way_on(self):
        steps = self.steps()
        self.assertEqual(tuple(steps), STEPS)
        for code, step in steps.items():
            self.assertIn(step["state"], ("done", "running", "problem", "open"), code)
            self.assertTrue(step["title"] and step["text"], code)
            for action in (step["button"] and step["button"].get("action"),):
                if isinstance(action, str):
                    self.assertTrue(self.env.ref(action), code)

    def test_who_may_not_open_the_settings_gets_no_button_to_them(self):
        told = "An administrator changes it in the settings."
        for code in ("revenue", "readers"):
            self.assertFalse(self.steps()[code]["button"])
            self.assertIn(told, self.steps()[code]["text"])
        self.manager.group_ids += self.env.ref("base.group_system")
        self.assertEqual(self.steps()["readers"]["button"]["action"], "crm.crm_config_settings_action")
        self.assertNotIn(told, self.steps()["readers"]["text"])

    def test_before_the_first_computation_it_runs_and_can_be_hurried(self):
        segments = self.steps()["segments"]
        self.assertEqual((segments["state"], segments["button"]["job"]), ("running", "ir_cron_refresh_profiles"))
        cron = self.env.ref("crm_plus.ir_cron_refresh_profiles")
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self.start.run_step("segments")
        self.assertEqual(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), triggers + 1)
        self.env["crm.customer.profile"]._refresh_company(self.company)
        self.assertEqual(self.steps()["segments"]["state"], "open")
        self.assertIn("No customers yet", self.steps()["segments"]["text"])

    def test_the_revenue_basis_shows_what_each_choice_counts(self):
        partner = self.env["res.partner"].create({"name": "Buyer"})
        product = self.env["product.product"].create({"name": "Advice", "type": "service"})
        order = (
            self.env["sale.order"]
            .with_company(self.company)
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "order_line": [(0, 0, {"product_id": product.id, "price_unit": 1250, "tax_ids": False})],
                }
            )
        )
        order.action_confirm()
        order.date_order = fields.Datetime.now()
        text = self.steps()["revenue"]["text"]
        self.assertIn("1,250.00", text)
        self.assertIn("of 1 customer from", text)
        self.assertIn("of 0 customers", text)

    def test_a_rule_about_markets_is_found(self):
        self.assertEqual(self.steps()["fit"]["state"], "open")
        self.env["crm.score.rule"].create(
            {
                "name": "Home market", "kind": "fit", "state": "active", "points": 10, "company_id": self.company.id,
                "domain": f"[('country_id', 'in', {self.env.ref('base.be').ids})]",
            }
        )  # fmt: skip
        self.assertEqual(self.steps()["fit"]["state"], "done")
        self.assertIn("Home market", self.steps()["fit"]["text"])

    def test_a_threshold_of_the_companys_own_is_done(self):
        self.assertEqual(self.steps()["hot"]["state"], "open")
        self.company.crm_plus_hot_score = 61
        self.assertEqual(self.steps()["hot"]["state"], "done")
        self.assertIn("61", self.steps()["hot"]["text"])

    def test_why_there_is_no_prediction_is_said_exactly(self):
        self.env["crm.score.model"]._train_company(self.company)
        step = self.steps()["prediction"]
        latest = self.env["crm.score.model"].search([("company_id", "=", self.company.id)], limit=1)
        self.assertEqual((step["state"], step["text"]), ("open", latest.shortfall_text))
        self.assertTrue(latest.shortfall_text)

    def test_marks_are_of_one_company(self):
        self.assertEqual(self.steps()["readers"]["state"], "open")
        self.start.mark_step("readers")
        self.start.mark_step("readers")
        self.assertEqual(self.steps()["readers"]["state"], "done")
        self.assertTrue(self.steps()["readers"]["marked"], "so that it can be taken back")
        self.start.mark_step("hot")
        self.company.crm_plus_hot_score = 61
        self.assertFalse(self.steps()["hot"]["marked"], "it is done, marked or not")
        elsewhere = self.env["crm.start.step"].with_company(self.env.ref("base.main_company"))
        states = {step["code"]: step["state"] for step in elsewhere.start_list()["steps"]}
        self.assertEqual(states["readers"], "open")
        self.start.mark_step("readers", False)
        self.assertEqual(self.steps()["readers"]["state"], "open")

    def test_the_list_can_be_put_away_and_taken_out_again(self):
        self.assertFalse(self.start.start_list()["hidden"])
        self.assertTrue(self.start.mark_step("all")["hidden"])
        self.assertFalse(self.start.mark_step("all", False)["hidden"])

    def test_a_step_that_is_none_is_refused_and_others_are_kept_out(self):
        with self.assertRaises(UserError):
            self.start.mark_step("nothing")
        seller = new_test_user(self.env, "start_seller", "sales_team.group_sale_salesman")
        for ask in ("start_list", "mark_step", "run_step"):
            with self.assertRaises(AccessError):
                getattr(self.env["crm.start.step"].with_user(seller), ask)(*([] if ask == "start_list" else ["tiers"]))


@tagged("post_install", "-at_install")
class TestStartTour(HttpCase):
    def test_a_manager_goes_through_the_steps(self):
        self.env["crm.customer.profile"]._refresh_company(self.env.company)
        new_test_user(self.env, "start.manager", "sales_team.group_sale_manager,base.group_system", name="Mina")
        self.start_tour("/odoo", "crm_plus_start", login="start.manager")
