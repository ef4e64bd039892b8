from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import html2plaintext


@tagged("post_install", "-at_install")
class TestEmptyLists(TransactionCase):
    """An empty list says what will appear there, and when."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        known = cls.env["ir.model.data"].search(
            [("module", "=like", "crm\\_plus%"), ("model", "=", "ir.actions.act_window")]
        )
        actions = cls.env["ir.actions.act_window"].browse(known.mapped("res_id")).exists()
        cls.lists = actions.filtered(lambda action: action.target != "new")

    def test_every_list_has_a_text_for_nobody_is_here(self):
        self.assertGreater(len(self.lists), 25)
        self.assertFalse([action.name for action in self.lists if not html2plaintext(action.help or "").strip()])

    def test_what_a_scheduled_action_fills_says_when(self):
        filled = {name for name in self.env if getattr(self.env[name], "_filled_by", None)}
        self.assertGreaterEqual(filled, {"crm.customer.profile", "crm.interaction", "crm.kpi.day", "crm.tier.stay"})
        for name in filled:
            with self.subTest(model=name):
                job = self.env["crm.job"].search([("code", "=", self.env[name]._filled_by)])
                self.assertEqual(len(job), 1)
                text = html2plaintext(self.env[name].get_empty_list_help("<p>Nothing</p>"))
                self.assertIn("Nothing", text)
                self.assertIn(self.env["crm.job"]._when(job.code), text)

    def test_it_tells_the_hour_and_leads_managers_to_now(self):
        cron = self.env.ref("crm_plus.ir_cron_refresh_profiles")
        self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).unlink()
        cron.nextcall = (fields.Datetime.now() + timedelta(days=1)).replace(hour=2, minute=10, second=0)
        for group, leads in (("sales_team.group_sale_manager", True), ("sales_team.group_sale_salesman", False)):
            user = new_test_user(self.env, f"empty_{leads}", group, tz="UTC")
            action = self.env.ref("crm_plus.crm_customer_profile_action").with_user(user).sudo()
            shown = action._get_action_dict()["help"]
            self.assertIn("tomorrow at 02:10", shown)
            self.assertIn("No customers yet", shown)
            self.assertEqual("crm_job_action" in shown, leads)

    def test_one_that_was_woken_runs_within_minutes_whatever_its_next_night_is(self):
        cron = self.env.ref("crm_plus.ir_cron_refresh_profiles")
        self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).unlink()
        cron.nextcall = fields.Datetime.now() + timedelta(days=3)
        self.assertRegex(self.when(), r"^next in 3 days at \d\d:\d\d$")
        self.env["crm.job"]._wake("ir_cron_refresh_profiles", fields.Datetime.now() + timedelta(days=2))
        self.assertIn("in 2 days", self.when())
        self.env["crm.job"]._wake("ir_cron_refresh_profiles")
        self.assertEqual(self.when(), "within minutes")

    def when(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["crm.job"].with_context(tz="UTC")._when("ir_cron_refresh_profiles")

    def test_one_that_is_switched_off_says_so(self):
        self.env.ref("crm_plus.ir_cron_backfill").active = False
        self.assertIn("switched off", self.env["crm.interaction"].get_empty_list_help(""))
