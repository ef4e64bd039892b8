import random
from datetime import date, timedelta

from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import SQL

from ...engine.customer.cohorts import cohorts, repeat_rate
from ...engine.customer.purchase import summarize
from ...engine.customer.rhythm import customer_rhythm, population_interval, population_spread
from ...services.customer.documents import Documents
from ...services.customer.purchase_contest import number
from ...services.customer.scope import Scope
from ...services.customer.summary import Summary, read_order_days
from .common import ProfileCase


@tagged("post_install", "-at_install")
class TestProfileRhythm(ProfileCase):
    """Interval, next order, retention and what the purchase models read: SQL and engine agree."""

    def random_history(self, seed, customers=60):
        _partners, orders = self.random_orders(random.Random(seed), customers)
        self.many_orders(orders)
        self.refresh()
        days = {}
        for partner_id, moment, _amount in orders:
            days.setdefault(partner_id, []).append(moment.date())
        return orders, days

    def test_interval_and_next_order_are_those_of_the_engine(self):
        _orders, days = self.random_history(1)
        self.train()
        population = population_interval(days.values())
        self.assertAlmostEqual(self.company.crm_plus_population_gap, population)
        spread = population_spread(days.values())
        self.assertAlmostEqual(self.company.crm_plus_population_spread, spread)
        stored = self.snapshot(("interval_days", "next_order_date", "overdue_date"))
        for partner_id, (interval, due, overdue) in stored.items():
            rhythm = customer_rhythm(days[partner_id], population, spread)
            if rhythm is None:
                self.assertEqual((interval, due, overdue), (None, None, None))
            else:
                self.assertAlmostEqual(float(interval), rhythm.interval, delta=0.0051)
                self.assertEqual(due, rhythm.next_order)
                self.assertEqual(overdue, rhythm.overdue_after)

    def test_the_summaries_of_customers_are_those_of_the_engine(self):
        orders, _days = self.random_history(2)
        until = self.company._crm_plus_today() - timedelta(days=100)
        summary = Summary(Documents(self.env, self.company), until)
        summary.make()
        found = summary.read()
        summary.drop()
        partners, moments, amounts = zip(*orders, strict=True)
        days = [moment.date().toordinal() for moment in moments]
        expected = summarize(partners, days, amounts, until.toordinal())
        self.assertEqual(found["partner_id"].tolist(), expected.customers.tolist())
        for name in ("frequency", "recency", "age"):
            self.assertEqual(found[name].tolist(), getattr(expected, name).tolist())
        for value, engine_value in zip(found["value"], expected.value, strict=True):
            self.assertAlmostEqual(value, engine_value, 6)

    def test_a_sample_has_its_share_of_customers_whatever_the_stride_of_their_ids(self):
        for stride in (1, 2, 4):
            for every in (2, 4):
                with self.subTest(stride=stride, every=every):
                    query = SQL(
                        "SELECT count(*) FROM generate_series(1000, 1000 + %s, %s) id WHERE %s",
                        stride * 3999,
                        stride,
                        Scope(every=every).on(SQL("id")),
                    )
                    [[count]] = self.env.execute_query(query)
                    self.assertAlmostEqual(count, 4000 / every, delta=200)

    def test_the_days_of_orders_are_those_of_the_documents(self):
        orders, _days = self.random_history(3)
        until = self.company._crm_plus_today() - timedelta(days=150)
        found = read_order_days(Documents(self.env, self.company), until)
        expected = {(partner, number(moment.date())) for partner, moment, _a in orders if moment.date() <= until}
        self.assertEqual(len(found["day"]), len(expected))
        self.assertEqual(set(zip(found["partner_id"].tolist(), found["day"].tolist(), strict=True)), expected)

    def test_an_order_of_the_evening_is_one_of_the_next_day_further_east(self):
        self.company.partner_id.tz = "Asia/Tokyo"
        customer = self.customer()
        self.order(customer, 100, "2026-01-10 16:00:00")
        self.order(customer, 100, "2026-01-11 14:00:00")
        self.refresh()
        self.train()
        self.assertFalse(self.profile(customer).next_order_date)

    def test_refunds_lower_the_value_of_orders(self):
        customer = self.customer()
        for day in ("2026-01-10", "2026-02-10", "2026-03-10"):
            self.order(customer, 100, f"{day} 12:00:00")
        self.refresh()
        self.env.cr.execute("UPDATE crm_customer_profile SET revenue = 150 WHERE partner_id = %s", [customer.id])
        summary = Summary(Documents(self.env, self.company), self.company._crm_plus_today())
        summary.make()
        self.assertAlmostEqual(summary.read()["value"][0], 50)
        summary.drop()

    def test_overdue_is_told_from_dates_when_it_is_read(self):
        customer = self.customer()
        with freeze_time("2026-03-20 12:00:00"):
            for day in ("2026-01-10", "2026-02-09", "2026-03-11"):
                self.order(customer, 100, f"{day} 12:00:00")
            self.refresh()
            self.train()
        profile = self.profile(customer)
        self.assertEqual(profile.next_order_date, date(2026, 4, 10))
        last = customer_rhythm([date(2026, 1, 10), date(2026, 2, 9), date(2026, 3, 11)], 30.0, 0.0).overdue_after
        self.assertEqual(profile.overdue_date, last)
        late = (last - date(2026, 4, 10)).days
        for today, due, overdue, days, ratio in (
            (date(2026, 4, 10), False, False, 0, 1),
            (date(2026, 4, 11), True, False, 0, 31 / 30),
            (last, True, False, 0, (30 + late) / 30),
            (last + timedelta(days=1), False, True, late + 1, (31 + late) / 30),
        ):
            with freeze_time(f"{today} 12:00:00"):
                profile.invalidate_recordset()
                self.assertEqual((profile.is_due, profile.is_overdue, profile.overdue_days), (due, overdue, days))
                self.assertAlmostEqual(profile.overdue_ratio, ratio, 2)
                for name, expected in (("is_due", due), ("is_overdue", overdue)):
                    found = self.Profile.search([("id", "=", profile.id), (name, "=", True)])
                    self.assertEqual(bool(found), expected, (today, name))

    def test_retention_is_that_of_the_engine(self):
        orders, _days = self.random_history(5, 80)
        self.train()
        expected = cohorts([p for p, _m, _a in orders], [m.date().isoformat() for _p, m, _a in orders])
        found = {}
        for cell in self.env["crm.customer.cohort"].search(
            [("company_id", "=", self.company.id)], order="start, months"
        ):
            found.setdefault(str(cell.start)[:7], []).append(cell.active_count)
        last = max(len(cells) for cells in found.values())
        self.assertEqual(set(found), {cohort.start for cohort in expected})
        for cohort in expected:
            cells = found[cohort.start]
            # The engine's table ends with the last order, ours with the present month.
            self.assertEqual(cells[: len(cohort.active)], list(cohort.active))
            self.assertFalse(any(cells[len(cohort.active) :]))
        self.assertGreater(last, 12)
        table = self.env["crm.customer.cohort"].get_retention(months=24)
        rate = repeat_rate([p for p, _m, _a in orders], [m.date().isoformat() for _p, m, _a in orders])
        self.assertAlmostEqual(table["repeat_rate"], round(100 * rate, 1), 1)
        self.assertEqual(
            [row["active"] for row in table["cohorts"]], [found[row["start"][:7]] for row in table["cohorts"]]
        )

    def test_cohorts_bring_what_their_customers_ordered_and_tell_whoever_may_read_it(self):
        early, late = self.customer("Early"), self.customer("Late")
        for partner, amount, moment in (
            (early, 100, "2026-03-05 12:00:00"), (early, 60, "2026-05-05 12:00:00"), (late, 50, "2026-05-07 12:00:00"),
        ):  # fmt: skip
            self.order(partner, amount, moment)
        self.refresh()
        self.train()
        cohorts = self.env["crm.customer.cohort"]
        table = cohorts.get_retention(months=120)["cohorts"]
        self.assertEqual([row["start"] for row in table], ["2026-03-01", "2026-05-01"])
        self.assertEqual([row["revenue"][:3] for row in table], [[100, 0, 60], [50, 0, 0]])
        self.company.crm_plus_amounts = "managers"
        seller = new_test_user(
            self.env, "cohort_seller", "sales_team.group_sale_salesman", company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )  # fmt: skip
        hidden = cohorts.with_user(seller).get_retention(months=120)["cohorts"]
        self.assertEqual([row["revenue"] for row in hidden], [False, False])
        self.assertEqual([row["active"][:3] for row in hidden], [[1, 0, 1], [1, 0, 0]])

    def test_revenue_of_cohorts_that_was_not_counted_yet_is_not_told_as_nothing(self):
        self.order(self.customer(), 100, "2026-03-05 12:00:00")
        self.refresh()
        self.train()
        cohorts = self.env["crm.customer.cohort"]
        self.env.cr.execute("UPDATE crm_customer_cohort SET revenue = NULL WHERE company_id = %s", [self.company.id])
        cohorts.invalidate_model()
        [row] = cohorts.get_retention(months=120)["cohorts"]
        self.assertIs(row["revenue"], False)

    def test_a_cohort_opens_its_own_customers_whatever_the_time_zone(self):
        self.company.partner_id.tz = "America/New_York"
        # The last of April in New York, the first of May in UTC; and the other way round in Tokyo.
        for moment in ("2026-05-01 02:00:00", "2026-05-01 06:00:00", "2026-06-01 03:00:00"):
            self.order(self.customer(moment), 100, moment)
        self.refresh()
        self.train()
        table = self.env["crm.customer.cohort"].with_context(tz="Asia/Tokyo").get_retention(months=24)
        self.assertEqual(table["counted"], str(self.company._crm_plus_today()))
        self.assertEqual(
            [(row["start"], row["size"]) for row in table["cohorts"]], [("2026-04-01", 1), ("2026-05-01", 2)]
        )
        for row in table["cohorts"]:
            action = self.env["crm.customer.cohort"].with_context(tz="Asia/Tokyo").action_open_customers(row["start"])
            self.assertEqual(self.Profile.search_count(action["domain"]), row["size"])
