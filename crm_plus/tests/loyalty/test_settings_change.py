from unittest.mock import patch

from odoo.tests import tagged

from ...services.customer import basis_change, refresh
from .common import SegmentCase


@tagged("post_install", "-at_install")
class TestSettingsChange(SegmentCase):
    """Settings that move customers ask first; what a person has made, and what was running, survives them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two = cls.customer("One", days=1, count=12, amount=2000), cls.customer("Two", days=40)
        cls.refresh()
        cls.tag = cls.env["res.partner.category"].create({"name": "Best"})
        cls.settings = cls.env["res.config.settings"].with_context(default_company_id=cls.company.id)

    def change(self, **values):
        return self.settings.create({"company_id": self.company.id, **values})

    def basis(self, basis):
        self.company.crm_plus_revenue_basis = basis
        self.env.flush_all()
        self.refresh()
        self.env.invalidate_all()

    def open_stays(self, model, partner):
        return self.env[model].search([("partner_id", "in", partner.ids), ("date_to", "=", False)])

    def act(self):
        for model in ("crm.segment.membership", "crm.tier.stay"):
            while self.env[model]._act_next():
                pass

    # ------------------------------------------------------------------ asking

    def test_a_setting_that_moves_customers_asks_before_it_is_saved(self):
        change = self.change(crm_plus_recency_cuts="0, 0, 0, 0")
        question = change.execute()
        self.assertEqual((question["res_id"], question["target"]), (change.id, "new"))
        self.assertEqual(self.company.crm_plus_recency_cuts, "30, 90, 180, 365")
        self.assertEqual(self.segment(self.one), "champions")
        self.assertIn("Champions → ", change.crm_plus_moves_text)
        self.assertTrue(change.crm_plus_is_change)
        change.action_crm_plus_apply()
        self.assertEqual(self.company.crm_plus_recency_cuts, "0, 0, 0, 0")

    def test_a_setting_that_moves_nobody_is_saved_at_once(self):
        self.change(crm_plus_minimum_stay=9).execute()
        self.assertEqual(self.company.crm_plus_minimum_stay, 9)

    def test_the_button_tells_what_the_values_as_entered_would_change(self):
        for values, text in (({}, "No customer would move"), ({"crm_plus_revenue_basis": "invoice"}, "1 customer")):
            change = self.change(**values)
            change.action_crm_plus_preview()
            self.assertIn(text, change.crm_plus_moves_text)
        self.assertEqual(self.company.crm_plus_revenue_basis, "order")
        self.assertTrue(self.profile(self.one))

    # ------------------------------------------------------------------ the basis and back

    def test_members_chosen_by_hand_come_back_with_the_basis(self):
        group = self.env["crm.segment.family"].create({"name": "Guests", "kind": "manual"})
        vip = self.env["crm.segment"].create(
            {"name": "VIP", "family_id": group.id, "state": "active", "tag_id": self.tag.id}
        )
        vip._add_customers(self.profile(self.one), "invited")
        self.act()
        self.basis("invoice")
        self.assertFalse(self.profile(self.one))
        self.act()
        self.basis("order")
        self.act()
        [stay] = self.env["crm.segment.membership"].search(
            [("segment_id", "=", vip.id), ("partner_id", "=", self.one.id)]
        )
        self.assertEqual((stay.date_to, stay.reason_text, stay.resumed), (False, "invited", True))
        self.assertIn(self.tag, self.one.category_id)

    def test_members_chosen_by_hand_come_back_with_the_orders_and_stay_removed_if_removed(self):
        group = self.env["crm.segment.family"].create({"name": "Guests", "kind": "manual"})
        vip = self.env["crm.segment"].create({"name": "VIP", "family_id": group.id, "state": "active"})
        vip._add_customers(self.profile(self.two), "invited")
        orders = self.env["sale.order"].search([("partner_id", "=", self.two.id)])
        for _turn in range(2):
            orders._action_cancel()
            self.refresh()
            self.assertFalse(self.open_stays("crm.segment.membership", self.two))
            orders.write({"state": "sale"})
            self.refresh()
            self.assertIn(vip, self.open_stays("crm.segment.membership", self.two).segment_id)
        vip._remove_customers(self.profile(self.two), "moved away")
        orders._action_cancel()
        self.refresh()
        orders.write({"state": "sale"})
        self.refresh()
        self.assertNotIn(vip, self.open_stays("crm.segment.membership", self.two).segment_id)

    def test_the_basis_and_back_leaves_everything_as_it_was(self):
        self.champions.tag_id = self.tag
        tier = self.env["crm.tier"].create(
            {"name": "Gold", "company_id": self.company.id, "threshold": 1000, "grace_days": 30}
        )
        self.refresh()
        self.act()
        tier.threshold = 99999
        self.refresh()
        profile = self.profile(self.one)
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE crm_customer_profile SET tier_until = tier_until - 20, tier_since = tier_since - 20,
                      churn_risk = 12.5, p_alive = 0.875, clv = 77 WHERE id = %s""",
            [profile.id],
        )
        self.env.invalidate_all()
        names = ["tier_id", "tier_until", "tier_since", "segment_id", "segment_since", "churn_risk", "p_alive", "clv",
                 "order_count", "revenue", "rfm"]  # fmt: skip
        before = profile.read(names)[0]
        stays = self.open_stays("crm.segment.membership", self.one) | self.open_stays(
            "crm.segment.membership", self.two
        )
        for _turn in range(2):
            self.basis("invoice")
            self.assertFalse(self.profile(self.one))
            self.act()
            self.assertFalse(self.one.category_id)
            self.basis("order")
            self.act()
            after = self.profile(self.one).read(names)[0]
            self.assertEqual({**after, "id": 0}, {**before, "id": 0})
            self.assertEqual(self.one.category_id.name, "Best")
            now = self.open_stays("crm.segment.membership", self.one | self.two)
            self.assertEqual(now, stays)

    def test_it_is_done_in_steps_that_can_be_stopped_and_lead_to_the_same(self):
        self.champions.tag_id = self.tag
        self.act()
        names = ["segment_id", "segment_since", "order_count", "revenue", "rfm"]
        before = self.profile(self.one).read(names)[0]
        stays = self.open_stays("crm.segment.membership", self.one | self.two)
        with patch.object(basis_change, "STEP", 1):
            for basis, customers in (("invoice", 0), ("order", 2)):
                self.company.crm_plus_revenue_basis = basis
                self.assertGreater(self.refresh_in_steps(), 2)
                self.assertEqual(len(self.profiles.search([("company_id", "=", self.company.id)])), customers)
        self.assertEqual({**self.profile(self.one).read(names)[0], "id": 0}, {**before, "id": 0})
        self.assertEqual(self.open_stays("crm.segment.membership", self.one | self.two), stays)

    def test_a_setting_that_is_changed_back_midway_leaves_everything_as_it_was(self):
        names = ["segment_id", "segment_since", "order_count", "revenue", "rfm"]
        before = self.profile(self.one).read(names)[0]
        stays = self.open_stays("crm.segment.membership", self.one | self.two)
        with patch.object(basis_change, "STEP", 1):
            for steps in range(1, 6):
                self.company.crm_plus_revenue_basis = "invoice"
                self.refresh_in_steps(most=steps)
                self.company.crm_plus_revenue_basis = "order"
                self.refresh_in_steps()
                with self.subTest(steps=steps):
                    self.assertEqual({**self.profile(self.one).read(names)[0], "id": 0}, {**before, "id": 0})
                    self.assertFalse(basis_change.BasisChange(self.env, self.company).noted)
                    self.assertEqual(self.open_stays("crm.segment.membership", self.one | self.two), stays)

    def refresh_in_steps(self, most=50):
        """As the scheduled action does it, of which each step takes too long for another one; how many it took."""
        self.env.flush_all()
        for step in range(most):
            with patch.object(refresh, "LONG", -1):
                if self.profiles.with_company(self.company)._refresh_company(self.company, most=1):
                    return step + 1
        self.env.invalidate_all()
        return most

    def test_a_customer_who_is_elsewhere_by_invoices_is_where_they_were_by_orders(self):
        self.company.crm_plus_minimum_stay = 7
        self.basis("order")
        self.env["account.journal"].create(
            {"name": "Sales", "type": "sale", "code": "SAL", "company_id": self.company.id}
        )
        for number in range(2):
            move = self.env["account.move"].create(
                {
                    "move_type": "out_invoice", "partner_id": self.one.id, "company_id": self.company.id,
                    "invoice_date": f"2024-01-1{number}",
                }
            )  # fmt: skip
            self.env.flush_all()
            self.env.cr.execute(
                """UPDATE account_move SET state = 'posted', amount_untaxed = 50, amount_untaxed_signed = 50
                    WHERE id = %s""",
                [move.id],
            )
        self.env.invalidate_all()
        before = self.open_stays("crm.segment.membership", self.one)
        self.basis("invoice")
        self.assertNotEqual(self.segment(self.one), "champions")
        self.basis("order")
        self.assertEqual(self.open_stays("crm.segment.membership", self.one), before)
        self.assertEqual(self.segment(self.one), "champions")

    def test_the_card_says_that_figures_follow_a_change(self):
        self.company.crm_plus_revenue_basis = "invoice"
        source = self.profiles.glance_details(self.one.id)["source"]
        self.assertRegex(source[0], "changed to posted invoices.*will follow")
        self.assertIn("confirmed orders", source[1])
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        self.assertIn("computed anew", self.profiles.glance_details(stranger.id)["text"])
