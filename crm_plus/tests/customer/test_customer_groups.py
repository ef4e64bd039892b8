from odoo import Command
from odoo.tests import tagged

from ..loyalty.common import SegmentCase


@tagged("post_install", "-at_install")
class TestCustomerGroups(SegmentCase):
    """What segments and tiers have in common: who is there, for a user of two companies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.customer("One", days=1, count=12, amount=2000) | cls.customer("Two", days=400)
        cls.refresh()
        cls.other = cls.env["res.company"].create({"name": "Branch"})
        seller = cls.user("two_companies", "sales_team.group_sale_salesman_all_leads")
        seller.company_ids = [Command.link(cls.other.id)]
        here, there = cls.company.ids, cls.other.ids
        cls.here = cls.env(user=seller.id, context={"allowed_company_ids": here + there})
        cls.there = cls.env(user=seller.id, context={"allowed_company_ids": there + here})
        best = cls.profile(cls.customers[0])
        cls.groups = (best.segment_id, best.tier_id)

    def opened(self, group):
        action = group.action_open_customers()
        return group.env[action["res_model"]].search(action["domain"])

    def test_opening_the_customers_shows_as_many_as_are_counted(self):
        for group in self.groups:
            with self.subTest(group._name):
                found = self.opened(group.with_env(self.here))
                self.assertEqual(found.partner_id.ids, self.customers[0].ids)
                self.assertEqual(group.with_env(self.here).customer_count, 1)

    def test_a_user_of_two_companies_sees_the_customers_of_the_current_one(self):
        for group in self.groups:
            with self.subTest(group._name):
                self.assertFalse(self.opened(group.with_env(self.there)))
                self.assertEqual(group.with_env(self.there).customer_count, 0)

    def test_customers_open_in_all_views_of_customers(self):
        for group in self.groups:
            action = group.with_env(self.here).action_open_customers()
            self.assertEqual((action["name"], action["view_mode"]), (group.name, "list,kanban,pivot,graph"))

    def test_a_changed_group_forgets_its_old_problem_and_keeps_the_one_just_noted(self):
        for group in self.groups:
            with self.subTest(group._name):
                group.error = "The plan is gone"
                self.assertEqual(group.error, "The plan is gone")
                group.tag_id = self.env["res.partner.category"].create({"name": "Best"})
                self.assertFalse(group.error)
