from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentByHand(SegmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.by_hand = cls.env["crm.segment.family"].create({"name": "Guests", "kind": "manual"})
        cls.vip, cls.press = cls.env["crm.segment"].create(
            [{"name": n, "code": n, "family_id": cls.by_hand.id, "state": "active"} for n in ("VIP", "Press")]
        )
        cls.one, cls.two = cls.customer("One", days=1), cls.customer("Two", days=1)
        cls.contact = cls.env["res.partner"].create({"name": "Buyer of one", "parent_id": cls.one.id})
        cls.refresh()
        cls.manager = cls.user("segment_manager", "sales_team.group_sale_manager")

    def apply(self, records, **values):
        context = {"active_model": records._name, "active_ids": records.ids}
        wizard = self.env["crm.segment.by.hand"].with_user(self.manager).with_context(**context)
        wizard = wizard.create({"segment_id": self.vip.id, "reason": "invited", **values})
        wizard.action_apply()
        return wizard

    def present(self, segment):
        return segment.membership_ids.filtered(lambda stay: not stay.date_to).partner_id

    def test_customers_chosen_in_the_list_of_customers_are_put_in_with_the_reason(self):
        self.apply(self.profile(self.one) | self.profile(self.two))
        self.assertEqual(self.present(self.vip), self.one | self.two)
        self.assertEqual(set(self.vip.membership_ids.mapped("reason_text")), {"invited"})
        self.assertEqual({stay.reason["user"] for stay in self.vip.membership_ids}, {self.manager.id})

    def test_contacts_stand_for_their_company(self):
        self.apply(self.contact | self.two)
        self.assertEqual(self.present(self.vip), self.one | self.two)
        self.assertEqual(self.apply(self.two).text, "1 customer")

    def test_who_has_not_bought_yet_can_be_put_in_and_is_named(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        context = {"active_model": "res.partner", "active_ids": (self.two | stranger).ids}
        wizard = self.env["crm.segment.by.hand"].with_user(self.manager).with_context(**context)
        self.assertIn("2 customers, also before their first order: Stranger", wizard.new({}).text)
        self.apply(self.two | stranger)
        self.assertEqual(self.present(self.vip), self.two | stranger)
        found = self.profiles.search([("other_segment_ids", "in", self.vip.ids)])
        self.assertEqual(found.partner_id, self.two | stranger)
        for _night in range(2):
            self.refresh()
            self.assertEqual(self.present(self.vip), self.two | stranger)
        profile = self.profile(stranger)
        self.assertEqual(
            (profile.order_count, profile.revenue, profile.rfm, profile.segment_id.id), (0, 0, False, False)
        )
        self.assertIn("VIP", profile.glance_details(stranger.id)["text"])
        self.apply(stranger, operation="remove", reason="no longer")
        self.refresh()
        self.assertFalse(self.profile(stranger))

    def test_the_first_order_fills_the_profile_of_before(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        self.apply(stranger)
        before = self.profile(stranger)
        self.order(stranger, days=1)
        self.refresh()
        self.assertEqual(self.profile(stranger), before)
        self.assertEqual((before.order_count, len(before.rfm)), (1, 3))
        self.assertEqual(self.present(self.vip), stranger)

    def test_colleagues_and_own_companies_are_no_customers(self):
        with self.assertRaisesRegex(UserError, "nobody to move"):
            self.apply(self.env.company.partner_id | self.manager.partner_id)

    def test_customers_are_taken_out_of_this_segment_only_and_the_reason_is_kept(self):
        self.apply(self.profile(self.one))
        self.apply(self.profile(self.two), segment_id=self.press.id)
        self.apply(self.profile(self.one) | self.profile(self.two), operation="remove", reason="moved away")
        self.assertFalse(self.present(self.vip))
        self.assertEqual(self.present(self.press), self.two)
        self.assertEqual(self.vip.membership_ids.reason_text, "invited; removed: moved away")

    def test_customers_of_another_company_are_refused(self):
        self.by_hand.company_id = self.env["res.company"].create({"name": "Branch"})
        with self.assertRaisesRegex(ValidationError, "of their own company"):
            self.vip._add_customers(self.profile(self.one))

    def test_only_managers_move_customers_by_hand(self):
        seller = self.user("segment_sales", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            self.env["crm.segment.by.hand"].with_user(seller).create({"segment_id": self.vip.id, "reason": "x"})

    def test_without_a_segment_to_choose_the_dialog_says_where_one_is_made(self):
        wizard = self.env["crm.segment.by.hand"].with_user(self.manager)
        self.assertFalse(wizard.new({}).is_empty)
        self.by_hand.segment_ids.state = "draft"
        self.assertTrue(wizard.new({}).is_empty)
        self.assertIn("Segment groups", wizard.get_view(view_type="form")["arch"])
