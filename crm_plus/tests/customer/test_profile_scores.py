import random
from datetime import date, datetime, timedelta

from odoo import fields
from odoo.tests import tagged

from ...engine.customer.pareto import abc_classes, gini, top_share
from ...engine.customer.rfm import frequency_cuts, quantile_scores, recency_score, value_score
from .common import ProfileCase


@tagged("post_install", "-at_install")
class TestProfileScores(ProfileCase):
    """The scores in the database are those of the engine, at every boundary."""

    def facts(self):
        """``{partner id: (last day, orders, revenue, R, F, M)}``, the day in the company's time zone."""
        columns = "last_order_date", "order_count", "revenue", "recency_score", "frequency_score", "monetary_score"
        return self.snapshot(columns)

    def assert_quantile_scores(self):
        facts = list(self.facts().values())
        for value, score in ((lambda f: f[0].date(), 3), (lambda f: f[2], 5)):
            self.assertEqual([f[score] for f in facts], quantile_scores([value(f) for f in facts]))
        orders = [f[1] for f in facts]
        cuts = frequency_cuts(orders)
        self.assertEqual([f[4] for f in facts], [value_score(count, cuts=cuts) for count in orders])

    def test_quantile_scores_are_those_of_the_engine_for_any_number_of_customers(self):
        rng = random.Random(7)
        for count in (1, 2, 3, 4, 5, 7, 11, 40):
            with self.subTest(customers=count):
                self.env.cr.execute("UPDATE sale_order SET state = 'cancel' WHERE company_id = %s", [self.company.id])
                _partners, orders = self.random_orders(rng, count, most=4)
                self.many_orders(orders)
                self.refresh()
                self.assertEqual(len(self.facts()), count)
                self.assert_quantile_scores()

    def test_customers_who_are_all_alike_get_the_middle_scores(self):
        for number in range(4):
            twin = self.customer(f"Twin {number}")
            for _order in range(2):
                self.order(twin)
        self.refresh()
        self.assertEqual(set(self.profiles().mapped("rfm")), {"333"})

    def test_who_has_just_ordered_for_the_first_time_is_new_even_where_most_have_ordered_once(self):
        days = [fields.Datetime.now() - timedelta(days=40 * number) for number in range(8)]
        customers = [self.customer(f"Once {number}") for number in range(8)]
        for partner, day in zip(customers, days, strict=True):
            self.order(partner, 100, day)
        regular = self.customer("Regular")
        for day in days[2:5]:
            self.order(regular, 100, day)
        self.refresh()
        self.assertEqual(self.profile(customers[0]).segment_id, self.env.ref("crm_plus.crm_segment_new"))
        self.assertEqual({self.profile(partner).frequency_score for partner in customers}, {1})
        self.assertEqual(self.profile(regular).frequency_score, 5)

    def test_fixed_scores_change_exactly_at_the_limits(self):
        self.company.write(
            {
                "crm_plus_rfm_mode": "fixed",
                "crm_plus_recency_cuts": "30, 90, 180, 365",
                "crm_plus_frequency_cuts": "2, 3, 5, 10",
                "crm_plus_monetary_cuts": "100, 500, 2000, 10000",
            }
        )
        today = datetime.combine(self.company._crm_plus_today(), datetime.min.time())
        orders = []
        ages = (0, 29, 30, 31, 89, 90, 91, 180, 181, 365, 366)
        amounts = (99.99, 100, 100.01, 499.99, 500, 1999.99, 2000, 9999.99, 10000, 10000.01, 1)
        counts = (1, 2, 3, 4, 5, 9, 10, 11, 1, 1, 1)
        for age, amount, count in zip(ages, amounts, counts, strict=True):
            partner = self.customer(f"{age} days")
            last = today - timedelta(days=age)
            orders += [(partner.id, last, amount)] + [(partner.id, last - timedelta(days=400), 0.01)] * (count - 1)
        self.many_orders(orders)
        self.refresh()
        for last, count, revenue, recency, frequency, monetary in self.facts().values():
            self.assertEqual(recency, recency_score((today - last).days, cuts=(30, 90, 180, 365)))
            self.assertEqual(frequency, value_score(count, cuts=(2, 3, 5, 10)))
            self.assertEqual(monetary, value_score(float(revenue), cuts=(100, 500, 2000, 10000)))

    def test_the_day_of_an_order_begins_where_the_company_is(self):
        self.company.partner_id.tz = "America/New_York"
        early, late, next_day = (self.customer(name) for name in ("Early", "Late", "Next day"))
        self.order(early, 100, "2026-01-10 05:30:00")
        self.order(late, 100, "2026-01-11 04:30:00")
        self.order(next_day, 100, "2026-01-11 05:30:00")
        self.refresh()
        scores = {partner: self.profile(partner).recency_score for partner in (early, late, next_day)}
        by_engine = quantile_scores([date(2026, 1, 10), date(2026, 1, 10), date(2026, 1, 11)])
        self.assertEqual([scores[early], scores[late], scores[next_day]], by_engine)

    def test_abc_classes_are_those_of_the_engine(self):
        rng = random.Random(3)
        for count in (1, 2, 5, 60):
            with self.subTest(customers=count):
                self.env.cr.execute("UPDATE sale_order SET state = 'cancel' WHERE company_id = %s", [self.company.id])
                _partners, orders = self.random_orders(rng, count, most=4)
                self.many_orders(orders)
                self.refresh()
                stored = list(self.snapshot(("revenue", "abc_class")).values())
                cents = [round(revenue * 100) for revenue, _class in stored]
                self.assertEqual([name for _revenue, name in stored], abc_classes(cents).tolist())

    def test_the_limits_of_the_abc_classes_are_exact(self):
        for amount in (60, 20, 10, 6, 4):
            self.order(self.customer(f"{amount}"), amount)
        self.refresh()
        classes = {int(p.revenue): p.abc_class for p in self.profiles()}
        self.assertEqual(classes, {60: "A", 20: "A", 10: "B", 6: "B", 4: "C"})

    def test_the_concentration_of_revenue_is_that_of_the_engine(self):
        _partners, orders = self.random_orders(random.Random(9), 37, most=3)
        self.many_orders(orders)
        self.refresh()
        revenue = self.profiles().mapped("revenue")
        found = self.Profile.get_concentration()
        self.assertAlmostEqual(found["top_share"], top_share(revenue), 9)
        self.assertAlmostEqual(found["gini"], gini(revenue), 9)
        self.assertEqual(sum(part["customers"] for part in found["classes"]), 37)
        self.assertAlmostEqual(sum(part["revenue"] for part in found["classes"]), sum(revenue), 2)
