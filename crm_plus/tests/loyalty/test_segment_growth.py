from unittest.mock import patch

from odoo.tests import tagged

from .common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentGrowth(SegmentCase):
    """Limits that are parts of the customers, and customers who come in great numbers, as by an import."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch("odoo.addons.crm_plus.services.customer.limits.ENOUGH", 1))
        cls.company.write({"crm_plus_rfm_mode": "quantile", "crm_plus_minimum_stay": 7, "crm_plus_margin": 0.1})
        cls.env["crm.customer.queue"].search([]).unlink()
        cls.few = [cls.customer(days=days, amount=500) for days in range(6)]
        cls.refresh()

    def touched(self):
        self.env.cr.flush()
        self.profiles._refresh_queued()

    def imported(self, count, days):
        return [self.customer(days=days + 10 * number, amount=10 + number) for number in range(count)]

    def test_many_newcomers_are_judged_among_themselves_at_once(self):
        many = self.imported(20, days=9000)
        self.touched()
        self.assertEqual([self.profile(many[place]).recency_score for place in (0, -1)], [4, 1])
        for partner in many:
            profile = self.profile(partner)
            self.assertEqual(profile.segment_score, int(profile.rfm))
            self.assertEqual(len(profile.membership_ids), 1)

    def test_whoever_was_there_before_them_moves_with_the_limits_without_waiting(self):
        newest = max(self.profile(partner).recency_score for partner in self.few)
        oldest = self.few[-1]
        self.assertLess(self.profile(oldest).recency_score, newest)
        self.imported(30, days=9000)
        self.touched()
        self.assertEqual(self.profile(oldest).recency_score, newest)
        self.assertEqual(self.profile(oldest).segment_score, int(self.profile(oldest).rfm))

    def test_those_who_came_one_by_one_move_once_they_are_many(self):
        for number in range(6):
            self.imported(1, days=9000 + 10 * number)
            self.touched()
        newcomer = self.profiles.search([("company_id", "=", self.company.id)], order="id desc", limit=1)
        self.assertEqual(newcomer.recency_score, 1)
        self.assertEqual(self.company.crm_plus_rfm_cuts["customers"], 6)
        self.refresh()
        self.assertEqual(self.company.crm_plus_rfm_cuts["customers"], 12)
        for profile in self.profiles.search([("company_id", "=", self.company.id)]):
            self.assertEqual(profile.segment_score, int(profile.rfm))

    def test_a_few_newcomers_neither_change_the_limits_nor_anybodys_patience(self):
        limits = self.company.crm_plus_rfm_cuts
        self.imported(2, days=9000)
        self.touched()
        self.assertEqual(self.company.crm_plus_rfm_cuts, limits)
        self.age(self.few[0], 3)
        limits = dict(limits, since="2020-01-01")
        self.company.crm_plus_rfm_cuts = limits
        self.refresh()
        self.assertEqual([self.company.crm_plus_rfm_cuts[name] for name in ("customers", "since")], [6, "2020-01-01"])

    def test_fixed_limits_have_nothing_to_do_with_the_number_of_customers(self):
        self.company.crm_plus_rfm_mode = "fixed"
        self.refresh()
        stay_since = self.company._crm_plus_stay_since()
        self.imported(20, days=9000)
        self.touched()
        self.refresh()
        self.assertEqual(self.company._crm_plus_stay_since(), stay_since)
