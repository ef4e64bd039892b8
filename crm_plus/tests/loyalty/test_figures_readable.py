from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ...services.customer import words
from .test_tier_rules import TierCase


@tagged("post_install", "-at_install")
class TestFiguresReadable(TierCase):
    """Figures say what they are, and warnings come before the harm."""

    def test_tiers_in_the_wrong_order_say_so(self):
        self.assertFalse(self.silver.rank_note or self.gold.rank_note)
        self.silver.sequence = 9
        self.env.invalidate_all()
        self.assertIn("Silver ranks higher and is reached more easily", self.gold.rank_note)
        self.assertFalse(self.silver.rank_note)
        self.silver.basis = "orders"
        self.env.invalidate_all()
        self.assertFalse(self.gold.rank_note)

    def test_shares_in_the_wrong_order_say_so(self):
        self.silver.write({"rule": "top", "top_percent": 20})
        self.gold.write({"rule": "top", "top_percent": 50})
        self.env.invalidate_all()
        self.assertIn("Gold ranks higher", self.silver.rank_note)

    def test_a_segment_that_is_not_saved_yet_is_previewed_as_active(self):
        self.customer(days=1)
        self.refresh()
        group = self.env["crm.segment.family"].create({"name": "Mine", "company_id": self.company.id})
        vals = {"name": "All", "family_id": group.id, "domain": "[]", "state": "draft"}
        preview = self.env["crm.segment"].preview_changes(vals)
        self.assertEqual([move["count"] for move in preview["moves"]], [1])

    def test_the_average_order_of_a_group_is_that_of_its_orders(self):
        self.customer("Often", count=9, amount=10)
        self.customer("Once", amount=110)
        self.refresh()
        mine = [("company_id", "=", self.company.id)]
        [[average]] = self.profiles._read_group(mine, [], ["average_order:avg"])
        self.assertEqual(float(average), 20)

    def test_a_long_time_ago_is_told_in_months_and_years(self):
        told = {days: words.ago(self.env, days) for days in (0, 1, 90, 91, 729, 10580)}
        self.assertEqual(
            told,
            {
                0: "today", 1: "yesterday", 90: "90 days ago", 91: "2 months ago", 729: "23 months ago",
                10580: "28 years ago",
            },
        )  # fmt: skip

    def test_limits_that_moved_are_not_told_as_the_customers_own_doing(self):
        self.company.write({"crm_plus_rfm_mode": "quantile", "crm_plus_minimum_stay": 0})
        few = self.customer("Kept", days=5, count=2, amount=300)
        for number in range(25):
            self.customer(f"Small {number}", days=5, amount=10 + number)
        self.refresh()
        before = self.profile(few).monetary_score
        for number in range(25):
            self.customer(f"Big {number}", days=5, count=3, amount=5000 + number)
        self.refresh()
        profile = self.profile(few)
        self.assertLess(profile.monetary_score, before)
        stay = profile.membership_ids.filtered(lambda s: not s.date_to and s.segment_id == profile.segment_id)
        if stay.reason["outcome"] == "moved":
            self.assertIn("as before; the limit has moved", stay.reason_text)

    def test_errors_name_models_and_fields_as_screens_do(self):
        group = self.env["crm.segment.family"].create({"name": "Mine", "company_id": self.company.id})
        with self.assertRaises(ValidationError) as raised:
            self.env["crm.segment"].create({"name": "X", "family_id": group.id, "domain": "[('nothing', '=', 1)]"})
        self.assertIn("Customer profile", str(raised.exception))
        self.assertNotIn("crm.customer.profile", str(raised.exception))
