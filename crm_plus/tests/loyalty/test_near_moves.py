"""What is called near is what happens: time passes and orders come, and whoever was near is elsewhere."""

from contextlib import contextmanager
from datetime import timedelta
from random import Random

from odoo.tests import tagged

from .common import SegmentCase


@tagged("post_install", "-at_install")
class TestNearMoves(SegmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "crm_plus_recency_cuts": "30, 90, 180, 365", "crm_plus_frequency_cuts": "2, 3, 5, 10",
                "crm_plus_monetary_cuts": "100, 400, 1000, 3000",
            }
        )  # fmt: skip
        cls.env["crm.tier"].search([]).active = False
        cls.today = cls.company._crm_plus_today()

    def crowd(self, seed, number=60):
        """Customers of many habits: some regular and silent since, some on the edge of every limit."""
        chance = Random(seed)
        for index in range(number):
            partner = self.customer(f"Crowd {index}")
            first = chance.choice((0, 22, 28, 35, 82, 88, 95, 172, 178, 300, 360, 370))
            every = chance.choice((9, 12, 30, 60))
            for order in range(chance.choice((1, 1, 2, 3, 4, 5, 9, 10))):
                self.order(partner, days=first + every * order, amount=chance.choice((40, 90, 300, 900)))

    def mine(self):
        return self.profiles.search([("company_id", "=", self.company.id)])

    def segments(self):
        return {profile.partner_id: profile.segment_id for profile in self.mine()}

    @contextmanager
    def imagined(self):
        """What happens within is undone."""
        with self.cr.savepoint() as savepoint:
            yield
            self.env.flush_all()
            savepoint.rollback()
        self.env.invalidate_all()

    def after_days(self, days):
        """``{customer: segment}`` when so many days have passed."""
        with self.imagined():
            self.env.flush_all()
            self.cr.execute(
                "UPDATE sale_order SET date_order = date_order - %s WHERE company_id = %s",
                [timedelta(days=days), self.company.id],
            )
            self.cr.execute(
                "UPDATE crm_customer_profile SET overdue_date = overdue_date - %s WHERE company_id = %s",
                [days, self.company.id],
            )
            self.env.invalidate_all()
            self.refresh()
            return self.segments()

    def after_orders(self):
        """``{customer: (segment, score of frequency)}`` when each has placed one more usual order."""
        with self.imagined():
            for profile in self.mine():
                self.order(profile.partner_id, amount=profile.average_order)
            self.refresh()
            return {profile.partner_id: (profile.segment_id, profile.frequency_score) for profile in self.mine()}

    def lines(self):
        """``{customer: what is near}``; card and filter say the same."""
        mine = self.mine()
        found = self.profiles.search([("id", "in", mine.ids), ("is_almost_moved", "=", True)])
        self.assertEqual(found, mine.filtered("is_almost_moved"))
        return {profile.partner_id: (profile.near_moves or "").split("\n") for profile in mine}

    def test_who_waits_is_where_it_was_said(self):
        self.crowd(1)
        self.refresh()
        lines, now, then = self.lines(), self.segments(), self.after_days(10)
        moved = {partner for partner in now if now[partner] != then[partner]}
        self.assertGreater(len(moved), 3)
        self.assertLess(len(moved), len(now))
        waiting = {partner: line for partner, said in lines.items() for line in said if line.startswith("Without")}
        self.assertEqual(set(waiting), moved)
        for partner in moved:
            self.assertIn(f"“{then[partner].name}”", waiting[partner])

    def test_the_day_is_the_first_on_which_it_is_so(self):
        soon = self.customer("Soon", days=85, count=2)
        self.refresh()
        [line] = [line for line in self.lines()[soon] if line.startswith("Without")]
        days = next(days for days in range(1, 11) if str(self.today + timedelta(days=days)) in line)
        here = self.segments()[soon]
        self.assertEqual(self.after_days(days - 1)[soon], here)
        self.assertNotEqual(self.after_days(days)[soon], here)

    def test_who_orders_is_where_it_was_said(self):
        self.crowd(2)
        self.refresh()
        lines, now, then = self.lines(), self.segments(), self.after_orders()
        scores = {profile.partner_id: profile.frequency_score for profile in self.mine()}
        moved = {p for p, (there, score) in then.items() if there != now[p] and score != scores[p]}
        self.assertGreater(len(moved), 3)
        ordering = {partner: line for partner, said in lines.items() for line in said if line.startswith("With one")}
        self.assertEqual(set(ordering), moved)
        for partner in moved:
            self.assertIn(f"“{then[partner][0].name}”", ordering[partner])

    def test_orders_of_the_scored_period_count(self):
        self.company.crm_plus_rfm_window = "12"
        partner = self.customer("Long", days=500, count=3)
        self.order(partner, days=100)
        self.refresh()
        self.assertEqual(self.profile(partner).window_order_count, 1)
        [line] = [line for line in self.lines()[partner] if line.startswith("With one")]
        self.assertIn(f"“{self.after_orders()[partner][0].name}”", line)

    def test_a_silence_that_becomes_too_long_moves(self):
        """Who usually orders every ten days is silent after thirty: that places them lower than their last order."""
        for age in range(17, 60, 3):
            self.order(self.customer(f"Regular {age}"), days=age, count=10, amount=400)
        self.refresh()
        for profile in self.mine():
            last = self.company._crm_plus_day(profile.last_order_date)
            profile.write({"interval_days": 10, "overdue_date": last + timedelta(days=20)})
        self.refresh()
        lines, now, then = self.lines(), self.segments(), self.after_days(10)
        moved = {partner for partner in now if now[partner] != then[partner]}
        self.assertGreater(len(moved), 1)
        waiting = {partner: line for partner, said in lines.items() for line in said if line.startswith("Without")}
        self.assertEqual(set(waiting), moved)
        for partner in moved:
            self.assertFalse(self.profile(partner)._is_silent())
            self.assertIn(f"“{then[partner].name}”", waiting[partner])

    def test_a_tier_given_by_hand_is_not_left_by_an_order(self):
        silver, gold = self.env["crm.tier"].create(
            [
                {"name": name, "company_id": self.company.id, "threshold": limit, "sequence": limit}
                for name, limit in (("Silver", 100), ("Gold", 500))
            ]
        )
        earned, given = (self.customer(name, days=5, count=4, amount=110) for name in ("Earned", "Given"))
        self.env["crm.tier.override"].create(
            {"partner_id": given.id, "tier_id": silver.id, "company_id": self.company.id, "reason": "Promised"}
        )
        self.refresh()
        reaches = "One more usual order reaches Gold."
        lines = self.lines()
        self.assertIn(reaches, lines[earned])
        self.assertNotIn(reaches, lines[given])
        seller = self.user("near_seller", "sales_team.group_sale_salesman_all_leads")
        cards = {
            partner: next(
                figure
                for figure in self.profiles.with_user(seller).glance(partner.id)["figures"]
                if figure["key"] == "tier"
            )
            for partner in (earned, given)
        }
        self.assertEqual((cards[earned]["near"], cards[given]["near"]), (True, False))
        self.assertIn("Gold", cards[earned]["detail"])
        self.assertEqual(cards[given]["detail"], "manual")
        with self.imagined():
            for partner in (earned, given):
                self.order(partner, amount=110)
            self.refresh()
            self.assertEqual([self.profile(p).tier_id for p in (earned, given)], [gold, silver])

    def test_an_order_counts_as_much_as_it_brings_of_what_the_tier_is_measured_by(self):
        if not self.company._crm_plus_knows_margins():
            self.skipTest("without margins of orders")
        self.product.standard_price = 80
        partner = self.customer("Margin", days=5, count=4, amount=100)  # 20 an order
        gold = self.env["crm.tier"].create(
            {"name": "Gold", "company_id": self.company.id, "threshold": 100, "basis": "margin"}
        )
        self.refresh()
        self.assertEqual(self.profile(partner).recent_margin, 80)
        self.assertIn("One more usual order reaches Gold.", self.lines()[partner])
        gold.threshold = 110
        self.refresh()
        self.assertFalse([line for line in self.lines()[partner] if "Gold" in line], "an order of 100 brings 20")
