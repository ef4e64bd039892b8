from odoo.addons.crm_plus.tests.hoot import run_suite
from odoo.tests import HttpCase, tagged

from .common import FollowupCase


@tagged("post_install", "-at_install")
class TestFollowupJavaScript(HttpCase):
    def test_the_javascript_suite_passes(self):
        run_suite(self, "@crm_plus_followup")


@tagged("post_install", "-at_install")
class TestFollowupTours(FollowupCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.seller | cls.chief).tz = cls.env.user.tz

    def test_a_manager_makes_an_audience_and_a_rule_of_it(self):
        self.customers(2)
        self.start_tour(
            "/odoo/action-crm_plus_followup.crm_audience_action", "crm_plus_followup_audience_and_rule",
            login="followup_chief", timeout=180,
        )  # fmt: skip
        rule = self.env["crm.followup.rule"].search([("name", "=", "Call them")])
        self.assertEqual((rule.state, rule.company_id, len(rule.step_ids)), ("draft", self.company, 1))
        self.assertFalse(self.runs.search([("rule_id", "=", rule.id)]))

    def test_a_salesperson_works_off_who_waits(self):
        busy, other = self.customers(2)
        for partner, summary in ((busy, "Ask"), (other, "Call back")):
            partner.activity_schedule("mail.mail_activity_data_call", summary=summary, user_id=self.seller.id)
        self.start_tour(
            "/odoo/action-crm_plus_followup.crm_followup_today_action", "crm_plus_followup_today",
            login="followup_seller", timeout=180,
        )  # fmt: skip
        self.assertFalse(self.activities(busy))
        self.assertTrue(self.activities(other))
