"""What is called near is what happens: time passes and orders come, and whoever was near is elsewhere."""

from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle
from random import Random

from odoo.tests import tagged

from ...services.loyalty.places import refresh_segments
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

    def test_an_order_may_reach_a_tier_above_the_next_one(self):
        silver, gold = self.env["crm.tier"].create(
            [
                {"name": name, "company_id": self.company.id, "threshold": limit, "sequence": limit}
                for name, limit in (("Silver", 100), ("Gold", 500))
            ]
        )
        partner = self.customer("Back again", days=500, amount=600)
        self.refresh()
        self.assertEqual(self.profile(partner).next_tier_id, silver)
        self.assertIn("One more usual order reaches Gold.", self.lines()[partner])
        with self.imagined():
            self.order(partner, amount=600)
            self.refresh()
            self.assertEqual(self.profile(partner).tier_id, gold)

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


@tagged("post_install", "-at_install")
class TestNearMovesWithPatience(SegmentCase):
    """The settings as they are when nobody has changed them: ranks, whose limits move with the customers, a margin and
    a least number of days between two moves. What is near is what the refresh does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.tier"].search([]).active = False
        cls.today = cls.company._crm_plus_today()
        cls.company.write({"crm_plus_rfm_mode": "quantile", "crm_plus_margin": 0.05, "crm_plus_minimum_stay": 7})
        cls.company.sudo().crm_plus_rfm_cuts = {
            "recency": [str(cls.today - timedelta(days=age)) for age in (300, 160, 90, 40)],
            "frequency": ["2", "4", "7", "12"], "monetary": ["200", "600", "1500", "4000"],
            "customers": 200, "since": "2000-01-01",
        }  # fmt: skip
        chance = Random(7)
        partners = cls.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(200)])
        rows = [(p.id, chance.randrange(330), chance.randint(1, 13), chance.randint(50, 5000)) for p in partners]
        cls.env.cr.execute(
            """INSERT INTO crm_customer_profile (company_id, partner_id, last_order_date, order_count,
                      window_order_count, revenue, window_revenue, average_order, churn_risk, p_alive, rfm)
               SELECT %s, p, now() at time zone 'utc' - age * interval '1 day', o, o, r, r, r / o, 30, 0.7, '111'
                 FROM unnest(%s, %s, %s, %s) AS u(p, age, o, r)""",
            [cls.company.id, *(list(column) for column in zip(*rows, strict=True))],
        )
        cls.place()
        # Some weeks go by, in which some of them order: the scores of some are held by the margin, others by the stay.
        for _round in range(5):
            cls.order_once(chance.sample(partners.ids, 25), 40)
            cls.pass_days(4)

    @classmethod
    def place(cls):
        """Score and place them as the refresh does."""
        cuts = {name: [str(cut) for cut in values] for name, values in cls.company._crm_plus_cuts().items()}
        cls.env.cr.execute(
            """UPDATE crm_customer_profile p
                  SET recency_score = r, frequency_score = f, monetary_score = m, rfm = concat(r, f, m)
                 FROM (SELECT id, 1 + width_bucket(last_order_date::date, %(recency)s::date[]) AS r,
                              1 + width_bucket(window_order_count, %(frequency)s::int[]) AS f,
                              1 + width_bucket(window_revenue, %(monetary)s::numeric[]) AS m
                         FROM crm_customer_profile WHERE company_id = %(company)s) s WHERE s.id = p.id""",
            cuts | {"company": cls.company.id},
        )
        cls.env.invalidate_all()
        refresh_segments(cls.env, cls.company)
        cls.env.invalidate_all()

    @classmethod
    def order_once(cls, partner_ids, amount=None):
        cls.env.cr.execute(
            """UPDATE crm_customer_profile SET last_order_date = now() at time zone 'utc', overdue_date = NULL,
                      window_order_count = window_order_count + 1,
                      window_revenue = window_revenue + COALESCE(%s, average_order)
                WHERE company_id = %s AND partner_id = ANY(%s)""",
            [amount, cls.company.id, partner_ids],
        )
        cls.place()

    @classmethod
    def pass_days(cls, days):
        """So many days pass without an order of theirs; the limits move on, as where others order as before."""
        cls.env.cr.execute(
            """UPDATE crm_customer_profile SET last_order_date = last_order_date - %(days)s * interval '1 day',
                      overdue_date = overdue_date - %(days)s, segment_since = segment_since - %(days)s
                WHERE company_id = %(company)s""",
            {"days": days, "company": cls.company.id},
        )
        cls.place()

    def mine(self):
        return self.profiles.search([("company_id", "=", self.company.id)])

    def segments_then(self, happen, *args):
        """``{profile: segment}`` when something has happened, which is undone."""
        with self.cr.savepoint() as savepoint:
            happen(*args)
            found = {profile: profile.segment_id for profile in self.mine()}
            savepoint.rollback()
        self.env.invalidate_all()
        return found

    def said(self, start):
        """``{profile: sentence}`` of what is near; card and filter name the same customers."""
        mine = self.mine()
        near = [("company_id", "=", self.company.id), ("is_almost_moved", "=", True)]
        self.assertEqual(mine.search(near), mine.filtered("is_almost_moved"))
        lines = ((profile, line) for profile in mine for line in (profile.near_moves or "").split("\n"))
        return {profile: line for profile, line in lines if line.startswith(start)}

    def moves(self, days):
        """``{profile: (day, segment)}`` of who is elsewhere for the first time."""
        now, first = {profile: profile.segment_id for profile in self.mine()}, {}
        for number in range(1, days + 1):
            for profile, segment in self.segments_then(self.pass_days, number).items():
                if segment != now[profile]:
                    first.setdefault(profile, (self.today + timedelta(days=number), segment))
        return first

    def expect_moves(self):
        moves = self.moves(10)
        expected = {p: f"Without an order, “{there.name}” from about {day}." for p, (day, there) in moves.items()}
        self.assertEqual(self.said("Without"), expected)
        return moves

    def test_who_waits_moves_on_the_day_that_was_said(self):
        held = self.mine().filtered(lambda profile: str(profile.segment_score) != profile.rfm)
        self.assertGreater(len(held), 10)
        moves = self.expect_moves()
        self.assertGreater(len(moves), 10)
        self.assertGreater(sum(profile in held for profile in moves), 3)

    def test_who_has_just_come_moves_when_the_minimum_stay_is_over(self):
        early = self.moves(3)
        self.company.crm_plus_minimum_stay = 30
        self.mine().write({"segment_since": self.today - timedelta(days=26)})
        later = self.expect_moves()
        self.assertGreater(min(day for day, _segment in later.values()), self.today + timedelta(days=3))
        self.assertTrue(early.keys() & later.keys())

    def test_who_is_silent_for_too_long_does_not_have_to_stay(self):
        recent = self.mine().filtered(lambda profile: profile.recency_score > 2)
        for profile, days in zip(recent, cycle(range(1, 10)), strict=False):
            last = profile.last_order_date.date()
            silence = (self.today - last).days + days
            profile.write({"interval_days": silence / 3, "overdue_date": last, "segment_since": self.today})
        self.place()
        moves = self.expect_moves()
        self.assertGreater(len(moves), 10)
        self.assertLess(
            min(day for day, _segment in moves.values()),
            self.today + timedelta(days=self.company.crm_plus_minimum_stay),
        )

    def test_an_order_leads_to_the_segment_that_was_said(self):
        mine = self.mine()
        now = {profile: profile.segment_id for profile in mine}
        said = self.said("With one")
        self.company.crm_plus_minimum_stay = 0  # it only puts off where an order leads
        then = self.segments_then(self.order_once, mine.partner_id.ids)
        limits = [int(limit) for limit in self.company._crm_plus_cuts()["frequency"]]
        passing = [profile for profile in mine if profile.window_order_count + 1 in limits]
        moved = {profile: then[profile] for profile in passing if then[profile] != now[profile]}
        self.assertGreater(len(moved), 10)
        self.assertEqual(said, {profile: f"With one more order, “{there.name}”." for profile, there in moved.items()})

    def test_of_who_is_probably_lost_no_order_is_foreseen(self):
        said = self.said("With one")
        lost, other = list(said)[:2]
        lost.churn_risk = 80
        self.place()
        said = self.said("With one")
        self.assertNotIn(lost, said)
        self.assertIn(other, said)

    def test_without_amounts_card_and_filter_agree(self):
        self.company.crm_plus_amounts = "managers"
        seller = self.user("near_blind", "sales_team.group_sale_salesman_all_leads")
        theirs = self.profiles.with_user(seller).search([("company_id", "=", self.company.id)])
        self.assertFalse(any(theirs.mapped("window_revenue")))
        near = theirs.search([("is_almost_moved", "=", True)])
        self.assertGreater(len(near), 10)
        self.assertEqual(near, theirs.filtered("is_almost_moved"))
