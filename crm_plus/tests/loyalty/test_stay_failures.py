from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SegmentCase


@tagged("post_install", "-at_install")
class TestStayFailures(SegmentCase):
    """A benefit that cannot be given says to whom and why, is no longer called given, and can be tried again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one = cls.customer("One", days=1, count=12, amount=2000)
        cls.tag = cls.env["res.partner.category"].create({"name": "Best"})
        cls.champions.tag_id = cls.tag
        cls.refresh()

    def act(self):
        while self.stays._act_next():
            pass
        self.env.invalidate_all()

    def fail(self):
        def fails(_stays, _tag):
            raise UserError("no paper")

        with patch.object(type(self.stays), "_put_tag", fails):
            self.act()

    @property
    def stay(self):
        return self.stays.search([("partner_id", "=", self.one.id), ("segment_id", "=", self.champions.id)], limit=1)

    def job(self):
        return self.env["crm.job"].search([]).filtered(lambda job: job.code == "ir_cron_act_on_segments")

    def test_it_names_the_customer_and_its_job_has_a_problem(self):
        self.fail()
        self.assertIn("no paper", self.stay.error)
        self.assertRegex(self.champions.error, r"One.*no paper")
        self.assertEqual(self.stay.failed, "enter")
        self.assertIn("1 customer", self.job()._problem())

    def test_it_can_be_tried_again(self):
        self.fail()
        with self.assertRaises(AccessError):
            self.stay.with_user(self.user("stay_seller", "sales_team.group_sale_salesman_all_leads")).action_retry()
        self.stay.with_user(self.user("stay_manager", "sales_team.group_sale_manager")).action_retry()
        self.assertTrue(self.stay.enter_pending)
        self.act()
        self.assertEqual((self.stay.error, self.stay.failed, self.one.category_id), (False, False, self.tag))
        self.assertFalse(self.job()._problem())
