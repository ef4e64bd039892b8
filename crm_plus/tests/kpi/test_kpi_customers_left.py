"""Retention and concentration are those of the customers that the filters leave; each cell opens whom it counts."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...services.customer.cohorts import Cohorts
from .common import AgreementCase

MONTHS = 24


@tagged("post_install", "-at_install")
class TestKpiCustomersLeft(AgreementCase):
    def asked(self, model, method, user, *values):
        self.env.flush_all()
        self.env.invalidate_all()
        return getattr(self.env[model].with_user(self.users[user]), method)(*values)

    def opened(self, user, action):
        return self.env[action["res_model"]].with_user(self.users[user]).search(action["domain"])

    def retention(self, user, narrowed):
        return self.asked("crm.customer.cohort", "get_retention", user, MONTHS, narrowed)

    def cell(self, user, start, months, narrowed):
        return self.opened(
            user, self.asked("crm.customer.cohort", "action_open_customers", user, start, months, narrowed)
        )

    def concentration(self, user, narrowed):
        return self.asked("crm.customer.profile", "pareto_curve", user, narrowed)

    def part(self, user, key, narrowed):
        return self.opened(user, self.asked("crm.customer.profile", "action_open_concentration", user, key, narrowed))

    def left(self, narrowed):
        """The customers that filters leave, found one by one."""
        found = self.profiles().filtered("order_count")
        for name, record_id in narrowed.items():
            of = {
                "segment_id": lambda one: one.segment_id,
                "tier_id": lambda one: one.tier_id,
                "team_id": lambda one: one.partner_id.user_id.sale_team_id,
                "user_id": lambda one: one.partner_id.user_id,
                "country_id": lambda one: one.partner_id.country_id,
                "industry_id": lambda one: one.partner_id.industry_id,
                "tag_id": lambda one: one.partner_id.category_id,
            }[name]
            found = found.filtered(lambda one, of=of, record_id=record_id: record_id in of(one).ids)
        return found

    def narrowings(self):
        """And the sales team of a salesperson, which some customers have."""
        return [*super().narrowings(), {"team_id": self.users["own"].sale_team_id.id}]

    def brought(self, customers, start, months):
        """What their confirmed orders of a month add up to, document by document."""
        month = start + relativedelta(months=months)
        orders = self.env["sale.order"].search(
            [("company_id", "=", self.company.id), ("state", "=", "sale"),
             ("partner_id.commercial_partner_id", "in", customers.partner_id.ids)]
        )  # fmt: skip
        days = {order: self.company._crm_plus_day(order.date_order) for order in orders}
        return sum(
            order.amount_untaxed / (order.currency_rate or 1)
            for order, day in days.items()
            if (day.year, day.month) == (month.year, month.month)
        )

    def test_retention_counts_whom_its_cells_open(self):
        self.fill_all()
        with_order_to_come = self.customer("Orders tomorrow")
        for ago in (40, -1):
            self.order(with_order_to_come, day=self.noon(ago))
        self.refresh()
        self.env["crm.customer.cohort"]._refresh(self.company)
        sizes = {}
        for narrowed in self.narrowings():
            left = self.left(narrowed)
            for user in ("manager", "own", "reader"):
                found = self.retention(user, narrowed)
                cells = 0
                for row in found["cohorts"]:
                    born = self.cell(user, row["start"], 0, narrowed)
                    self.assertEqual(len(born), row["size"], (user, narrowed, row))
                    self.assertLessEqual(born.sudo(), left)
                    for months, active in enumerate(row["active"][:6]):
                        there = self.cell(user, row["start"], months, narrowed)
                        self.assertEqual(len(there), active, (user, narrowed, row["start"], months))
                        self.assertLessEqual(there, born)
                        cells += 1
                self.assertTrue(cells or not left, (user, narrowed))
                sizes[user, tuple(narrowed)] = sum(row["size"] for row in found["cohorts"])
            self.assertEqual(sum(row["size"] for row in found["cohorts"]), len(self.born_lately(left)), narrowed)
            twice = left.filtered(
                lambda one: (
                    self.company._crm_plus_day(one.first_order_date) < self.company._crm_plus_day(one.last_order_date)
                )
            )
            self.assertAlmostEqual(found["repeat_rate"] or 0, 100 * len(twice) / (len(left) or 1), 1)
        self.assertGreater(sizes["manager", ()], max(sizes["manager", (name,)] for name in ("country_id", "tag_id")))
        self.revenue_of_cells()

    def born_lately(self, customers):
        first = self.today.replace(day=1) - relativedelta(months=MONTHS - 1)
        return customers.filtered(lambda one: self.company._crm_plus_day(one.first_order_date) >= first)

    def revenue_of_cells(self):
        for narrowed in ({}, {"country_id": self.country.id}):
            told = 0
            for row in self.retention("manager", narrowed)["cohorts"]:
                born = self.cell("manager", row["start"], 0, narrowed).sudo()
                start = self.today.fromisoformat(row["start"])
                for months, amount in enumerate(row["revenue"][:4]):
                    self.assertAlmostEqual(amount, self.brought(born, start, months), 2)
                    told += amount
            self.assertGreater(told, 0)
        for user in ("reader", "service"):
            for narrowed in ({}, {"country_id": self.country.id}):
                rows = self.retention(user, narrowed)["cohorts"]
                self.assertEqual({row["revenue"] for row in rows}, {False}, user)

    def test_counted_now_cohorts_are_those_that_are_stored(self):
        self.fill()
        cohorts = self.env["crm.customer.cohort"]
        cohorts._refresh(self.company)
        for months in (3, 13, 40):
            first = self.today.replace(day=1) - relativedelta(months=months - 1)
            stored = [tuple(row) for row in cohorts._rows(self.company, first)]
            counted = [tuple(row) for row in Cohorts(self.env, {}).rows(first)]
            self.assertEqual(counted, stored, months)
            self.assertTrue(stored)

    def test_what_is_still_to_come_is_no_order_of_a_cell(self):
        partner = self.customer()
        self.order(partner, day=f"{self.today.replace(day=1)} 12:00:00")
        self.order(partner, day=f"{self.today + relativedelta(months=1)} 12:00:00")
        self.refresh()
        self.env["crm.customer.cohort"]._refresh(self.company)
        [row] = self.retention("manager", {})["cohorts"]
        self.assertEqual(row["active"], [1])
        self.assertFalse(self.cell("manager", row["start"], 1, {}))

    # ------------------------------------------------------------------ concentration

    def test_concentration_counts_whom_its_rows_open(self):
        self.fill_all()
        for narrowed in self.narrowings():
            left = self.left(narrowed)
            for user in ("manager", "own", "reader"):
                found = self.concentration(user, narrowed)
                self.assertEqual(sum(row["customers"] for row in found["classes"]), len(left), (user, narrowed))
                for row in found["classes"]:
                    opened = self.part(user, row["class"], narrowed)
                    self.assertEqual(len(opened), row["customers"], (user, narrowed, row))
                    if row["revenue"] is not False:
                        self.assertAlmostEqual(sum(opened.mapped("revenue")), row["revenue"], 2)
            self.best_of("manager", narrowed, left)
        for user in ("reader", "service"):
            self.assertEqual(self.concentration(user, {})["points"], [])
            with self.assertRaises(AccessError):
                self.part(user, "best", {})

    def best_of(self, user, narrowed, left):
        found, best = self.concentration(user, narrowed), self.part(user, "best", narrowed)
        self.assertEqual(len(best), -(-len(left) // 5), narrowed)
        self.assertLessEqual(best.sudo(), left)
        total = sum(max(0, one.revenue) for one in left)
        if total:
            share = sum(max(0, one.revenue) for one in best) / total
            self.assertAlmostEqual(share, found["top_share"], 6)
        if left - best.sudo() and best:
            self.assertGreaterEqual(min(best.mapped("revenue")), max((left - best.sudo()).mapped("revenue")))

    def test_of_customers_who_bring_the_same_as_many_are_opened_as_are_counted(self):
        for number in range(11):
            self.order(self.customer(f"Even {number}"), 33.3, self.noon(9))
        self.refresh()
        self.assertEqual(len(self.part("manager", "best", {})), 3)
        self.assertAlmostEqual(self.concentration("manager", {})["top_share"], 3 / 11, 6)
        for profile in self.profiles()[1:]:
            profile.revenue = 0
        best = self.part("manager", "best", {})
        self.assertEqual(len(best), 3)
        self.assertIn(33.3, best.mapped("revenue"))
        nobody = {"country_id": self.env.ref("base.be").id}
        self.assertFalse(self.part("manager", "best", nobody))
        self.assertFalse(self.concentration("manager", nobody)["points"])
        self.assertFalse(self.retention("manager", nobody)["cohorts"])

    def test_of_another_company_nobody_is_counted(self):
        self.fill()
        other = self.env["res.company"].create({"name": "Other"})
        self.env["crm.customer.profile"].sudo().create(
            [
                {
                    "partner_id": one.partner_id.id, "company_id": other.id, "order_count": 1, "revenue": 9e6,
                    "first_order_date": self.noon(3), "last_order_date": self.noon(3), "abc_class": "A",
                }
                for one in self.profiles()[:7]
            ]
        )  # fmt: skip
        self.users["manager"].company_ids |= other
        both = {"allowed_company_ids": [self.company.id, other.id]}
        country = self.env.ref("base.be")
        self.profiles().partner_id.country_id = country
        for narrowed in ({}, {"country_id": country.id}):
            profiles = self.env["crm.customer.profile"].with_user(self.users["manager"]).with_context(**both)
            cohorts = self.env["crm.customer.cohort"].with_user(self.users["manager"]).with_context(**both)
            cohorts.sudo()._refresh(self.company)
            self.env.flush_all()
            classes = profiles.pareto_curve(narrowed)["classes"]
            self.assertEqual(sum(row["customers"] for row in classes), len(self.left({})))
            opened = profiles.search(profiles.action_open_concentration("best", narrowed)["domain"])
            self.assertEqual(opened.company_id, self.company)
            for row in cohorts.get_retention(MONTHS, narrowed)["cohorts"]:
                for months in (0, 1):
                    action = cohorts.action_open_customers(row["start"], months, narrowed)
                    self.assertLessEqual(profiles.search(action["domain"]).company_id, self.company)

    def test_filters_that_are_none_are_refused(self):
        for nonsense in ({"name": 1}, {"country_id": "x"}, [3], "x", {"country_id": -1}):
            with self.assertRaises(UserError):
                self.retention("manager", nonsense)
            with self.assertRaises(UserError):
                self.concentration("manager", nonsense)
        with self.assertRaises(UserError):
            self.part("manager", "Z", {})
        with self.assertRaises(UserError):
            self.cell("manager", "yesterday", 0, {})
        self.assertEqual(self.retention("manager", {"country_id": False})["cohorts"], [])

    def test_a_day_within_a_month_means_that_month(self):
        self.order(self.customer(), day=self.noon(0))
        self.refresh()
        self.assertEqual(len(self.cell("manager", str(self.today), 0, {})), 1)
        self.assertFalse(self.cell("manager", str(self.today.replace(day=1) - timedelta(days=1)), 0, {}))
        for impossible in ("0001-01-01", "9999-12-31"):
            self.assertFalse(self.cell("manager", impossible, 1, {}))
