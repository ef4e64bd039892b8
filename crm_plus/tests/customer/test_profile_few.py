from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ...engine.customer.rfm import ENOUGH
from .common import ProfileCase


@tagged("post_install", "-at_install")
class TestFewCustomers(ProfileCase):
    """Few customers are not divided into equal parts, and silence is told by the customer's own interval."""

    enough = ENOUGH

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"crm_plus_rfm_mode": "quantile", "crm_plus_minimum_stay": 7})

    def ordered(self, *ages, amount=100.0):
        partner = self.customer()
        for age in ages:
            self.order(partner, amount, fields.Datetime.now() - timedelta(days=age))
        return partner

    def segment(self, partner):
        return self.profile(partner).segment_id.code

    def test_two_who_ordered_today_are_recent(self):
        two = [self.ordered(0), self.ordered(0)]
        self.refresh()
        self.assertEqual({self.profile(partner).recency_score for partner in two}, {5})
        self.assertEqual({self.segment(partner) for partner in two}, {"new"})

    def test_among_six_who_ordered_a_week_ago_is_not_at_risk(self):
        week = self.ordered(7, 37, 67)
        others = [self.ordered(age, age + 30) for age in (0, 1, 2, 3, 400)]
        self.refresh()
        self.assertEqual(self.profile(week).recency_score, 5)
        self.assertNotIn(self.segment(week), ("at_risk", "hibernating", "lost"))
        self.assertEqual(self.profile(others[-1]).recency_score, 1)
        why = self.Profile.glance_details(week.id)["scores"][0]["why"]
        self.assertIn("6 customers are too few for equal groups", " ".join(why))
        self.assertIn("30 days", " ".join(why))

    def test_the_screens_of_limits_and_segments_say_that_they_are_few(self):
        for age in (0, 1, 7):
            self.ordered(age, age + 30)
        self.refresh()
        family = self.env.ref("crm_plus.crm_segment_family_rfm").with_company(self.company)
        settings = self.env["res.config.settings"].with_company(self.company).create({"company_id": self.company.id})
        for note in (
            self.Profile.with_company(self.company).segment_map()["few_note"],
            family.few_note,
            settings.crm_plus_few_text,
        ):
            self.assertEqual(
                note,
                "3 customers are too few for equal groups. The limits follow the usual interval of 30 days.",
            )
        self.company.crm_plus_rfm_mode = "fixed"
        family.invalidate_recordset()
        self.assertFalse(family.few_note)
        self.assertFalse(self.Profile.with_company(self.company).segment_map()["few_note"])

    def test_enough_customers_are_ranked(self):
        partners = [self.ordered(age) for age in range(25)]
        self.refresh()
        self.assertEqual(self.profile(partners[0]).recency_score, 5)
        self.assertEqual(self.profile(partners[-1]).recency_score, 1)
        self.assertFalse(self.company._crm_plus_few())

    def test_who_is_silent_for_long_is_no_champion_however_long_the_others_are(self):
        best = self.ordered(60, 67, 74, 81, 88, 95, amount=1000)
        for age in range(25):
            self.ordered(400 + age)
        self.refresh()
        self.assertEqual(self.segment(best), "champions")
        self.company.write({"crm_plus_population_gap": 7.0, "crm_plus_population_spread": 0.3})
        self.env.flush_all()
        self.Profile._refresh_company(self.company, best.ids)
        self.env.invalidate_all()
        profile = self.profile(best)
        self.assertTrue(profile.is_overdue)
        self.assertEqual(profile.recency_score, 5)
        self.assertNotEqual(profile.segment_id.code, "champions")
        self.assertEqual(str(profile.segment_score)[0], "2")
        why = self.Profile.glance_details(best.id)["scores"][0]["why"]
        self.assertIn("recency counts as 2 at most", " ".join(why))

    def test_nobody_is_champion_and_probably_lost(self):
        best = self.ordered(60, 67, 74, 81, 88, 95, amount=1000)
        for age in range(25):
            self.ordered(400 + age)
        self.refresh()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_customer_profile SET churn_risk = 85, p_alive = 0.1 WHERE partner_id = %s", [best.id]
        )
        self.env.invalidate_all()
        self.refresh()
        self.env.invalidate_all()
        self.assertEqual(self.profile(best).churn_level, "lost")
        self.assertNotEqual(self.segment(best), "champions")

    def test_frequency_and_revenue_of_a_period(self):
        old, new = self.ordered(1, *range(800, 812)), self.ordered(2, 3, 4, 5)
        for age in range(25):
            self.ordered(10 + age)
        self.refresh()
        self.assertEqual((self.profile(old).window_order_count, self.profile(old).frequency_score), (13, 5))
        self.company.crm_plus_rfm_window = "24"
        self.refresh()
        self.env.invalidate_all()
        profile = self.profile(old)
        self.assertEqual((profile.order_count, profile.window_order_count, profile.window_revenue), (13, 1, 100))
        self.assertEqual((profile.frequency_score, self.profile(new).frequency_score), (1, 5))
        self.assertEqual(profile.revenue, 1300)
        score = self.Profile.glance_details(old.id)["scores"][1]
        self.assertEqual(score["value"], "1 order")
        self.assertIn("last 24 months", " ".join(score["why"]))
        everyone = self.snapshot()
        self.env.flush_all()
        self.Profile._refresh_company(self.company, old.ids)
        self.assertEqual(self.snapshot(("revenue", "rfm")), {k: (v[3], v[8]) for k, v in everyone.items()})
