from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SegmentCase


@tagged("post_install", "-at_install")
class TestStayFailures(SegmentCase):
    """An action that fails says whose and which it is, is no longer called done, and can be tried again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one = cls.customer("One", days=1, count=12, amount=2000)
        cls.action = cls.env["ir.actions.server"].create(
            {
                "name": "Greet",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": "raise UserError('no paper')",
            }
        )
        cls.champions.enter_action_ids = cls.action
        cls.env["ir.actions.server"].flush_model()
        cls.refresh()

    def act(self):
        while self.stays._act_next():
            pass
        self.env.invalidate_all()

    @property
    def stay(self):
        return self.stays.search([("partner_id", "=", self.one.id), ("segment_id", "=", self.champions.id)], limit=1)

    def job(self):
        return self.env["crm.job"].search([]).filtered(lambda job: job.code == "ir_cron_act_on_segments")

    def test_it_names_the_customer_and_the_action_and_its_job_has_a_problem(self):
        self.act()
        self.assertIn("Greet", self.stay.error)
        self.assertRegex(self.champions.error, r"One.*Greet")
        self.assertEqual(self.stay.failed, "enter")
        self.assertIn("1 customer", self.job()._problem())

    def test_it_can_be_tried_again(self):
        self.act()
        self.action.code = "records.write({'ref': 'greeted'})"
        with self.assertRaises(AccessError):
            self.stay.with_user(self.user("stay_seller", "sales_team.group_sale_salesman_all_leads")).action_retry()
        self.stay.with_user(self.user("stay_manager", "sales_team.group_sale_manager")).action_retry()
        self.assertTrue(self.stay.enter_pending)
        self.act()
        self.assertEqual((self.stay.error, self.stay.failed, self.one.ref), (False, False, "greeted"))
        self.assertFalse(self.job()._problem())
