from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentFamilies(SegmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.big = cls.customer("Big", days=1, amount=900)
        cls.small = cls.customer("Small", days=1, amount=20)
        cls.size = cls.env["crm.segment.family"].create(
            {
                "name": "Size",
                "kind": "domain",
                "segment_ids": [
                    Command.create({"name": n, "code": n, "domain": d, "sequence": s, "state": "active"})
                    for s, (n, d) in enumerate({"big": "[('revenue', '>=', 500)]", "any": "[]"}.items())
                ],
            }
        )

    def current(self, partner, shadow=False):
        domain = [("partner_id", "=", partner.id), ("date_to", "=", False), ("shadow", "=", shadow)]
        return self.stays.search([*domain, ("family_id", "=", self.size.id)]).segment_id.mapped("code")

    def test_the_first_segment_whose_conditions_are_met_takes_the_customer(self):
        self.refresh()
        self.assertEqual((self.current(self.big), self.current(self.small)), (["big"], ["any"]))
        self.order(self.small, amount=600)
        self.refresh_touched()
        self.assertEqual(self.current(self.small), ["big"])

    def test_conditions_are_exact_at_once_whatever_the_minimum_stay(self):
        self.company.crm_plus_minimum_stay = 7
        self.size.rules_date = fields.Date.today() - timedelta(days=100)
        self.refresh()
        self.order(self.small, amount=600)
        self.refresh_touched()
        self.assertEqual(self.current(self.small), ["big"])
        stays = self.stays.search([("partner_id", "=", self.small.id), ("family_id", "=", self.size.id)])
        self.assertEqual(stays.mapped("reason_text"), ["meets the conditions"] * 2)
        for order in self.small.sale_order_ids.filtered(lambda order: order.amount_untaxed == 600):
            order._action_cancel()
        self.refresh()
        self.assertEqual(self.current(self.small), ["any"])

    def test_a_customer_who_meets_no_conditions_leaves(self):
        self.size.segment_ids[1].domain = "[('revenue', '<', 100)]"
        self.refresh()
        self.order(self.small, amount=200)
        self.refresh()
        self.assertEqual(self.current(self.small), [])

    def test_conditions_that_cannot_be_read_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "cannot be read"):
            self.size.segment_ids[0].domain = "[('no_such_field', '=', 1)]"

    def test_a_family_that_breaks_later_is_shown_and_stops_nothing(self):
        self.env.flush_all()
        broken = self.size.segment_ids[0]
        self.env.cr.execute("UPDATE crm_segment SET domain = '[(''gone'', ''='', 1)]' WHERE id = %s", (broken.id,))
        self.env.invalidate_all()
        self.refresh()
        self.assertIn("gone", broken.rule_error)
        self.assertTrue(self.profile(self.big).segment_id)
        broken.domain = "[]"
        self.refresh()
        self.assertFalse(broken.rule_error)

    def test_a_draft_counts_its_customers_beside_the_active_segments(self):
        draft = self.env["crm.segment"].create(
            {
                "name": "Tiny",
                "code": "tiny",
                "family_id": self.size.id,
                "sequence": -1,
                "domain": "[('revenue', '<', 50)]",
            }
        )
        tag = self.env["res.partner.category"].create({"name": "Tiny"})
        draft.tag_id = tag
        self.refresh()
        self.assertEqual(self.current(self.small), ["any"])
        self.assertEqual(self.current(self.small, shadow=True), ["tiny"])
        self.assertEqual(draft.customer_count, 1)
        self.assertFalse(self.stays.search([("segment_id", "=", draft.id), ("enter_pending", "=", True)]))
        draft.action_activate()
        self.refresh()
        self.assertEqual(self.current(self.small), ["tiny"])
        self.assertEqual(self.current(self.small, shadow=True), [])
        self.stays.search([("enter_pending", "=", True)])._act()
        self.assertEqual(self.small.category_id, tag)

    def test_a_draft_with_scores_overlaps_the_active_ones_without_touching_them(self):
        draft = self.env["crm.segment"].create(
            {"name": "R5", "code": "r5", "family_id": self.family.id, "region_ids": [Command.create({"r_min": 5})]}
        )
        self.check()
        self.refresh()
        self.assertEqual(self.segment(self.small), "new")
        self.assertEqual(draft.customer_count, 2)

    def test_how_customers_are_assigned_is_not_changed_once_there_were_some(self):
        family = self.env["crm.segment.family"].create({"name": "VIP", "kind": "domain"})
        family.kind = "manual"
        vip = self.env["crm.segment"].create({"name": "vip", "code": "vip", "family_id": family.id, "state": "active"})
        self.refresh()
        vip._add_customers(self.profile(self.small))
        with self.assertRaisesRegex(ValidationError, "“VIP”: .*“Assigned by” cannot be changed"):
            family.kind = "domain"
        family.write({"kind": "manual", "name": "Very important"})

    def test_customers_are_put_by_hand_and_stay(self):
        family = self.env["crm.segment.family"].create({"name": "VIP", "kind": "manual"})
        vip, press = self.env["crm.segment"].create(
            [{"name": n, "code": n, "family_id": family.id, "state": "active"} for n in ("vip", "press")]
        )
        self.refresh()
        manager = self.user("segment_manager", "sales_team.group_sale_manager")
        vip.with_user(manager)._add_customers(self.profile(self.small), "friend of the house")
        press.with_user(manager)._add_customers(self.profile(self.small))
        self.refresh()
        stays = self.stays.search([("partner_id", "=", self.small.id), ("family_id", "=", family.id)])
        self.assertEqual(stays.mapped("segment_id.code"), ["press", "vip"])
        self.assertEqual(stays.mapped("reason_text"), ["added manually", "friend of the house"])
        press.with_user(manager)._remove_customers(self.profile(self.small))
        self.assertTrue(all(stay.date_to for stay in stays))
        with self.assertRaises(AccessError):
            vip.with_user(self.user("segment_sales", "sales_team.group_sale_salesman"))._add_customers(
                self.profile(self.small)
            )

    def test_an_archived_segment_lets_its_customers_go(self):
        self.refresh()
        self.size.segment_ids[0].active = False
        self.refresh()
        self.assertEqual(self.current(self.big), ["any"])

    def test_clusters_belong_to_a_company(self):
        families = self.env["crm.segment.family"]
        self.assertEqual(families.create({"name": "Groups", "kind": "cluster"}).company_id, self.company)
        with self.assertRaisesRegex(ValidationError, "“Shared”: choose a company"):
            families.create({"name": "Shared", "kind": "cluster", "company_id": False})
