import random
from datetime import datetime, timedelta

import pytz
from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from ...engine.customer.pareto import abc_classes, gini, top_share
from ...engine.customer.rfm import SCORES, quantile_scores, recency_score, value_score
from ...engine.loyalty.hysteresis import HOVER_DAYS, Cuts, Patience, RfmScore, RfmValues, Stay, decide
from ...engine.loyalty.segments import STANDARD_REGIONS, segment_of
from ...services.loyalty.places import refresh_segments
from ...services.loyalty.rfm_moves import cube_at
from .common import ProfileCase

SCORED = ("recency_score", "frequency_score", "monetary_score")


@tagged("post_install", "-at_install")
class TestTinyCompanies(ProfileCase):
    """Whatever there is to count, however little, nothing fails and the engine says the same."""

    def everything(self):
        """All that a manager has computed of the customers."""
        self.refresh()
        self.train()
        self.refresh()
        today = str(self.company._crm_plus_today())
        return {
            "concentration": self.Profile.get_concentration(),
            "retention": self.env["crm.customer.cohort"].get_retention(),
            "movement": self.env["crm.segment.membership"].movement("2020-01-01", today),
            "map": self.Profile.segment_map(),
            "curve": self.Profile.pareto_curve(),
        }

    def test_nobody(self):
        found = self.everything()
        self.assertFalse(self.profiles())
        self.assertEqual((found["concentration"]["top_share"], found["concentration"]["gini"]), (None, None))
        self.assertFalse(found["retention"]["cohorts"])
        self.assertFalse(found["movement"]["flows"])

    def test_one_two_and_three_customers(self):
        for count in (1, 2, 3):
            with self.subTest(customers=count):
                self.order(self.customer(f"Customer {count}"), 100 * count, f"2026-0{count}-10 12:00:00")
                found = self.everything()
                profiles = self.profiles().sorted("partner_id")
                scores = quantile_scores(range(count))
                for name in ("recency_score", "monetary_score"):
                    self.assertEqual(profiles.mapped(name), scores)
                self.assertEqual(set(profiles.mapped("frequency_score")), {1})
                self.assertTrue(all(profiles.mapped("segment_id")))
                self.assertAlmostEqual(found["concentration"]["gini"], gini(profiles.mapped("revenue")))

    def test_the_first_customer_ever_is_not_lost(self):
        """Between two full refreshes customers are scored by the limits of the last one, but that knew nobody."""
        self.refresh()
        customer = self.customer()
        self.order(customer)
        self.env.cr.flush()
        self.Profile._refresh_queued()
        self.assertEqual(self.profile(customer).rfm, "313")

    def test_many_who_are_all_alike(self):
        partners = self.env["res.partner"].create([{"name": f"Twin {number}"} for number in range(150)])
        day = datetime.combine(self.company._crm_plus_today(), datetime.min.time()) - timedelta(days=100)
        for orders, scores in ((1, "313"), (2, "333")):
            with self.subTest(orders=orders):
                self.many_orders([(partner.id, day + timedelta(days=20 * orders), 50) for partner in partners])
                found = self.everything()
                self.assertEqual(set(self.profiles().mapped("rfm")), {scores})
                self.assertEqual(set(self.profiles().mapped("abc_class")), {"A"})
                self.assertAlmostEqual(found["concentration"]["gini"], 0)
        self.assertFalse(self.env["crm.purchase.model"]._published(self.company, "clusters"))

    def test_who_has_got_back_more_than_he_paid(self):
        rng, partners = random.Random(4), self.env["res.partner"].create([{"name": "Back"} for _number in range(40)])
        day = fields.Datetime.to_datetime("2026-05-01 12:00:00")
        back = {partner: rng.choice([0, 0, 60, 100, 100.01, 250]) for partner in partners}
        self.many_orders([(partner.id, day, 100) for partner in partners])
        self.many_orders([(partner.id, day, -amount) for partner, amount in back.items() if amount])
        found = self.everything()
        revenue = [100 - back[partner] for partner in partners]
        by_partner = {profile.partner_id: profile for profile in self.profiles()}
        profiles = [by_partner[partner] for partner in partners]
        for profile, amount in zip(profiles, revenue, strict=True):
            self.assertAlmostEqual(profile.revenue, amount)
        self.assertEqual([profile.monetary_score for profile in profiles], quantile_scores(revenue))
        self.assertEqual([profile.abc_class for profile in profiles], abc_classes(revenue).tolist())
        self.assertAlmostEqual(found["concentration"]["top_share"], top_share(revenue))
        self.assertAlmostEqual(found["concentration"]["gini"], gini(revenue))
        sold = dict.fromkeys("ABC", 0)
        for profile in profiles:
            sold[profile.abc_class] += max(profile.revenue, 0)
        for part in found["concentration"]["classes"]:
            self.assertAlmostEqual(part["share"], sold[part["class"]] / sum(sold.values()))


@tagged("post_install", "-at_install")
class TestLimits(ProfileCase):
    """What happens exactly at a limit."""

    def test_fixed_limits_may_be_fractions(self):
        cuts = {"recency": (7.5, 30.5, 90, 365), "frequency": (1.5, 3, 4.2, 10), "monetary": (99.5, 100.25, 200, 1000)}
        self.company.crm_plus_rfm_mode = "fixed"
        for name, values in cuts.items():
            self.company[f"crm_plus_{name}_cuts"] = ", ".join(map(str, values))
        today = datetime.combine(self.company._crm_plus_today(), datetime.min.time())
        cases = [(7, 1, 99.49), (8, 2, 99.5), (30, 3, 100.24), (31, 4, 100.25), (90, 5, 100.26), (91, 10, 1000)]
        orders = []
        for number, (age, count, amount) in enumerate(cases):
            partner = self.customer(f"Case {number}")
            orders += [(partner.id, today - timedelta(days=age), amount - 0.01 * (count - 1))]
            orders += [(partner.id, today - timedelta(days=age + 1), 0.01)] * (count - 1)
        self.many_orders(orders)
        self.refresh()
        for (age, count, amount), profile in zip(cases, self.profiles().sorted("partner_id"), strict=True):
            wanted = recency_score(age, cuts=cuts["recency"]), value_score(count, cuts=cuts["frequency"])
            wanted += (value_score(amount, cuts=cuts["monetary"]),)
            self.assertEqual(tuple(profile[name] for name in SCORED), wanted, (age, count, amount))

    def test_limits_that_are_no_numbers_are_refused(self):
        for axis in ("recency", "frequency", "monetary"):
            for text in ("1, 2, nan, 4", "1, 2, 3, inf", "-inf, 1, 2, 3", "1, 2, 3, 1e30"):
                with self.subTest(axis=axis, text=text), self.assertRaisesRegex(ValidationError, "ascending numbers"):
                    self.company[f"crm_plus_{axis}_cuts"] = text

    def test_a_day_ends_at_midnight_of_the_company(self):
        self.company.write({"crm_plus_rfm_mode": "fixed", "crm_plus_recency_cuts": "10, 20, 30, 40"})
        within, after = self.customer("Within"), self.customer("After")
        for zone in ("Pacific/Kiritimati", "Pacific/Honolulu", "Asia/Tehran", "America/New_York", "UTC"):
            with self.subTest(zone=zone):
                self.company.partner_id.tz = zone
                self.env.cr.execute("DELETE FROM sale_order WHERE company_id = %s", [self.company.id])
                midnight = datetime.combine(self.company._crm_plus_today() - timedelta(days=10), datetime.min.time())
                start = pytz.timezone(zone).localize(midnight).astimezone(pytz.utc).replace(tzinfo=None)
                self.many_orders([(within.id, start, 10), (after.id, start - timedelta(seconds=1), 10)])
                self.refresh()
                self.assertEqual([self.profile(p).recency_score for p in (within, after)], [5, 4])
                self.assertEqual([self.profile(p).days_since_order for p in (within, after)], [10, 11])

    def test_the_period_of_the_tiers_begins_at_midnight_of_the_company(self):
        self.company.write({"crm_plus_tier_months": 1})
        customer = self.customer()
        for zone in ("Pacific/Kiritimati", "Pacific/Honolulu", "Asia/Tehran"):
            with self.subTest(zone=zone):
                self.company.partner_id.tz = zone
                self.env.cr.execute("DELETE FROM sale_order WHERE company_id = %s", [self.company.id])
                midnight = datetime.combine(self.company._crm_plus_tier_since(), datetime.min.time())
                start = pytz.timezone(zone).localize(midnight).astimezone(pytz.utc).replace(tzinfo=None)
                self.many_orders([(customer.id, start, 10), (customer.id, start - timedelta(seconds=1), 100)])
                self.refresh()
                self.assertEqual(self.profile(customer).recent_revenue, 10)

    def test_every_combination_of_scores_is_in_the_segment_of_the_engine(self):
        family = self.env.ref("crm_plus.crm_segment_family_rfm")
        code = {segment.id: segment.code for segment in family.segment_ids}
        for recency in SCORES:
            for frequency in SCORES:
                for monetary in SCORES:
                    score = RfmScore(recency, frequency, monetary)
                    [[found]] = self.env.execute_query(
                        SQL("SELECT %s", cube_at(family, family._regions(), SQL("%s", int(score.code))))
                    )
                    self.assertEqual(code[found], segment_of(score, STANDARD_REGIONS).code, score)

    def test_patience_with_limits_found_in_the_customers_is_that_of_the_engine(self):
        patience = Patience(0.1, 7)
        self.company.write({"crm_plus_margin": patience.margin, "crm_plus_minimum_stay": patience.minimum_stay})
        rng, today = random.Random(21), self.company._crm_plus_today()
        _partners, orders = self.random_orders(rng, 80, most=6, days=90)
        self.many_orders(orders)
        self.refresh()
        self.company.crm_plus_rfm_cuts = dict(self.company.crm_plus_rfm_cuts, since="2020-01-01")
        stays = {profile: self.random_stay(rng, today) for profile in self.profiles()}
        family = self.env.ref("crm_plus.crm_segment_family_rfm")
        segments = {segment.code: segment for segment in family.segment_ids}
        for profile, stay in stays.items():
            profile.write(
                {
                    "segment_id": segments[stay.segment].id,
                    "segment_since": stay.since,
                    "segment_score": int(stay.score.code),
                }
            )
        self.env.flush_all()
        refresh_segments(self.env, self.company)
        self.env.invalidate_all()
        cuts, outcomes = self.engine_cuts(today), set()
        for profile, stay in stays.items():
            age = (today - profile.last_order_date.date()).days
            values = RfmValues(age, profile.order_count, profile.revenue)
            wanted = decide(stay, values, cuts, STANDARD_REGIONS, today, patience)
            self.assertEqual(
                (profile.segment_id.code, str(profile.segment_score)), (wanted.region.code, wanted.score.code)
            )
            outcomes.add(wanted.outcome.value)
        self.assertEqual(outcomes, {"moved", "unchanged", "within_margin", "minimum_stay"})

    def random_stay(self, rng, today):
        held = RfmScore(*(rng.randint(1, 5) for _axis in range(3)))
        code = rng.choice([segment_of(held, STANDARD_REGIONS).code] * 4 + ["lost"])
        return Stay(code, held, today - timedelta(days=rng.choice((5, 6, 7, 8, HOVER_DAYS - 1, HOVER_DAYS))))

    def engine_cuts(self, today):
        never = float("inf")
        cuts = {
            name: [never if cut is None else cut for cut in self.company.crm_plus_rfm_cuts[name]]
            for name in ("recency", "frequency", "monetary")
        }
        ages = [
            -never if cut == never else (today - fields.Date.to_date(cut)).days for cut in reversed(cuts["recency"])
        ]
        return Cuts(tuple(ages), tuple(map(float, cuts["frequency"])), tuple(map(float, cuts["monetary"])))
