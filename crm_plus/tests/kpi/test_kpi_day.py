"""Figures of days are what the documents say, whichever way they were counted; groups of them add up."""

from datetime import timedelta
from random import Random
from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from odoo.addons.crm_plus.engine.kpi.figures import REPLAYED_MONTHS
from odoo.addons.crm_plus.models.kpi.crm_kpi_day import JOB, RECORDED, RECOUNTED, REPLAYED
from odoo.addons.crm_plus.services.kpi.purchases import Purchases
from odoo.addons.crm_plus.services.kpi.recorder import PARTS, Recorder
from odoo.addons.crm_plus.services.kpi.span import Span
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..customer.common import ProfileCase


class KpiCase(ProfileCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Day = cls.env["crm.kpi.day"]
        cls.today = cls.company._crm_plus_today()
        cls.yesterday = cls.today - timedelta(days=1)

    def noon(self, days_ago):
        return f"{self.today - timedelta(days=days_ago)} 12:00:00"

    def record(self):
        self.refresh()
        self.count(self.company)

    def count(self, company, last=None):
        """What the scheduled action does in a night, a step for each month of retention."""
        recorder = Recorder(self.env, company)
        for month_end in recorder.record(last):
            recorder.count_retention(month_end)

    def replay(self):
        self.refresh()
        recorder, step = Recorder(self.env, self.company), 0
        while recorder.replay(step):
            step += 1

    def on(self, figure, day=None, **where):
        domain = [("company_id", "=", self.company.id), ("figure", "=", figure), ("date", "=", day or self.yesterday)]
        where = where or {"dimension": "company"}
        return self.Day.search(domain + [(name, "=", value) for name, value in where.items()])

    def value(self, figure, day=None, **where):
        rows = self.on(figure, day, **where)
        self.assertLessEqual(len(rows), 1)
        return rows.value if rows else None


@tagged("post_install", "-at_install")
class TestKpiDay(KpiCase):
    def test_customers_come_stay_go_and_come_back(self):
        for ago in (1, 400):
            self.order(self.customer("New" if ago == 1 else "Old"), day=self.noon(ago))
        back = self.customer("Back")
        self.order(back, day=self.noon(500))
        self.order(back, day=self.noon(1))
        self.order(self.customer("Lost yesterday"), day=self.noon(366))
        self.order(self.customer("Lost today"), day=self.noon(365))
        self.record()
        found = {
            figure: self.value(figure)
            for figure in (
                "customers", "active_customers", "new_customers", "lost_customers", "won_back_customers", "repeat_rate",
            )
        }  # fmt: skip
        self.assertEqual(
            found,
            {
                "customers": 5,
                "active_customers": 3,
                "new_customers": 1,
                "lost_customers": 1,
                "won_back_customers": 1,
                "repeat_rate": 20,
            },
        )

    def test_a_night_and_a_replay_count_the_same(self):
        _partners, rows = self.random_orders(Random(7), 60, days=900)
        self.many_orders(rows)
        self.record()
        columns = ("figure", "date", "numerator", "denominator")

        def stored():
            days = self.Day.search([("company_id", "=", self.company.id), ("dimension", "=", "company")])
            found = days.filtered(lambda row: row.figure in shared and row.date > self.yesterday - timedelta(days=7))
            return {tuple(row[name] for name in columns) for row in found}

        shared = {"customers", "active_customers", "new_customers", "lost_customers", "won_back_customers",
                  "repeat_rate", "revenue", "orders", "average_order"}  # fmt: skip
        recorded = stored()
        self.assertGreater(len(recorded), 20)
        self.Day.search([("company_id", "=", self.company.id)]).unlink()
        self.replay()
        self.assertEqual(stored(), recorded)
        self.assertTrue(all(self.Day.search([("company_id", "=", self.company.id)]).mapped("replayed")))

    def test_a_replay_knows_every_day_as_the_orders_tell_it(self):
        _partners, rows = self.random_orders(Random(3), 40, days=1000)
        self.many_orders(rows)
        self.replay()
        days = {}
        for partner_id, moment, _amount in rows:
            days.setdefault(partner_id, set()).add(self.company._crm_plus_day(moment))
        for ago in (1, 30, 200, 500, 700):
            day = self.today - timedelta(days=ago)
            known = [{d for d in own if d <= day} for own in days.values()]
            self.assertEqual(self.value("customers", day), sum(map(bool, known)), ago)
            active = sum(bool(own) and (day - max(own)).days < 365 for own in known)
            self.assertEqual(self.value("active_customers", day), active, ago)
            new = sum(bool(own) and min(own) == day for own in known)
            self.assertEqual(self.value("new_customers", day), new, ago)

    def test_two_days_of_a_customer_tell_what_all_orders_do(self):
        _partners, rows = self.random_orders(Random(11), 60, days=1100)
        often = [self.customer(f"Often {number}") for number in range(12)]
        chance = Random(12)
        for number, partner in enumerate(often):
            # some were away for a year and came back not long ago, some have ordered on their first day only
            first, last = (900, 20) if number % 3 else (30, 30)
            days = {1, chance.randrange(2, 30), first, last, last + number}
            rows += [(partner.id, f"{self.today - timedelta(days=ago)} 12:00:00", 50) for ago in days]
        self.many_orders(rows)
        self.refresh()
        for first, last in ((1, 1), (7, 1), (92, 1), (40, 20), (3, 2)):
            span = Span(self.company, *(self.today - timedelta(days=ago) for ago in (first, last)))
            purchases = Purchases(self.env, span)
            self.assertTrue(purchases._steady, span)
            found = self.env.execute_query(purchases._customers())
            with patch(f"{Purchases.__module__}.NAMED", 0):
                every = Purchases(self.env, span)
                self.assertIsNone(every._named)
                self.assertEqual(sorted(found, key=str), sorted(self.env.execute_query(every._customers()), key=str))
            for event in ("new", "lost", "back"):
                named = self.env.execute_query(purchases.members(event))
                self.assertEqual(sorted(named), sorted(self.env.execute_query(every.members(event))), (event, span))

    def test_whom_a_figure_counts_can_be_named(self):
        _partners, rows = self.random_orders(Random(5), 50, days=900)
        self.many_orders(rows)
        self.replay()
        span = Span(self.company, self.today - timedelta(days=90), self.yesterday)
        for event, figure in (("new", "new_customers"), ("lost", "lost_customers"), ("back", "won_back_customers")):
            flowed = self.Day.search(
                [("company_id", "=", self.company.id), ("figure", "=", figure), ("date", ">=", span.first)]
            )
            named = self.env.execute_query(Purchases(self.env, span).members(event))
            self.assertEqual(sum(flowed.mapped("numerator")), len(named), event)
            self.assertTrue(named, event)

    def test_retention_compares_two_years_at_the_end_of_a_month(self):
        end = self.today.replace(day=1) - timedelta(days=1)
        then, now = end - relativedelta(months=18), end - relativedelta(months=6)
        stays, goes, grows = map(self.customer, ("Stays", "Goes", "Grows"))
        for partner, amounts in ((stays, (100, 60)), (goes, (100, 0)), (grows, (100, 340))):
            for day, amount in zip((then, now), amounts, strict=True):
                if amount:
                    self.order(partner, amount, f"{day} 12:00:00")
        self.record()
        self.assertAlmostEqual(self.value("retention", end), 200 / 3, 4)
        self.assertAlmostEqual(self.value("revenue_retention", end), 400 / 3, 4)
        self.assertAlmostEqual(self.value("gross_revenue_retention", end), 160 / 3, 4)

    def test_retention_of_a_segment_is_of_those_who_were_in_it_a_year_before(self):
        end = self.today.replace(day=1) - timedelta(days=1)
        then, now = end - relativedelta(months=18), end - relativedelta(months=6)
        stays, goes = map(self.customer, ("Stays", "Goes"))
        for partner, days in ((stays, (then, now)), (goes, (then,))):
            for day in days:
                self.order(partner, 100, f"{day} 12:00:00")
        self.refresh()
        kinds = self.env["crm.segment"].search([("family_id.kind", "=", "rfm")], limit=2)
        memberships = self.env["crm.segment.membership"].search([("company_id", "=", self.company.id)])
        memberships.date_from = end - relativedelta(months=3)
        for partner, segment in zip((stays, goes), kinds, strict=True):
            [stay] = memberships.filtered(lambda one, partner=partner: one.partner_id == partner)
            stay.copy({"segment_id": segment.id, "date_from": then, "date_to": stay.date_from})
        self.record()
        for segment, kept in zip(kinds, (100, 0), strict=True):
            self.assertEqual(self.value("retention", end, segment_id=segment.id), kept)
            self.assertEqual(self.value("revenue_retention", end, segment_id=segment.id), kept)
        self.assertEqual(self.value("retention", end), 50)
        self.assertEqual(len(self.on("retention", end, dimension="segment")), 2, "not where they went since")

    def test_contacts_are_those_with_the_customers_of_a_segment(self):
        partners = [self.customer(f"Customer {number}") for number in range(2)]
        for partner in partners:
            self.order(partner, 100, self.noon(3))
        self.refresh()
        self.env["crm.segment.membership"].search([("company_id", "=", self.company.id)]).date_from = self.yesterday
        email = self.env.ref("crm_plus.channel_email")
        told = {"company_id": self.company.id, "direction": "out", "name": "Offer", "channel_id": email.id,
                "date": f"{self.yesterday} 10:00:00"}  # fmt: skip
        nobody = self.customer("No customer yet")
        self.env["crm.interaction"].sudo().create(
            [{**told, "partner_id": partner.id, "shared_ref": "mail.message,7"} for partner in (*partners, nobody)]
            + [{**told, "partner_id": partners[0].id}]
        )
        self.record()
        [segment] = self.profiles().segment_id
        self.assertEqual(self.value("contacts_out", segment_id=segment.id), 2, "one to all of them, one alone")
        self.assertFalse(self.on("contacts_in", segment_id=segment.id))

    def test_open_leads_are_counted_by_the_letter_of_their_grade(self):
        team = self.env["crm.team"].create({"name": "Team", "company_id": self.company.id})
        leads = self.env["crm.lead"].create(
            [{"name": f"Lead {number}", "company_id": self.company.id, "team_id": team.id} for number in range(4)]
        )
        self.env.flush_all()
        for lead, grade in zip(leads, ("A1", "A4", "D2", "B1"), strict=True):
            self.env["crm.lead.score"].search([("lead_id", "=", lead.id)]).unlink()
            self.env["crm.lead.score"].create({"lead_id": lead.id, "lead_grade": grade})
        leads[3].action_set_lost()
        self.record()
        found = {letter: self.value(f"leads_{letter}") for letter in "abcd"}
        self.assertEqual(found, {"a": 2, "b": 0, "c": 0, "d": 1})
        self.assertEqual(self.value("leads_a", team_id=team.id), 2)

    def test_what_is_dated_back_or_cancelled_corrects_the_last_days(self):
        order = self.order(self.customer(), 100, self.noon(3))
        self.record()
        day = self.today - timedelta(days=3)
        self.assertEqual(self.value("revenue", day), 100)
        order._action_cancel()
        self.order(self.customer("Other"), 70, self.noon(2))
        self.record()
        self.assertFalse(self.on("revenue", day))
        self.assertEqual(self.value("revenue", self.today - timedelta(days=2)), 70)

    def test_what_is_dated_back_further_is_counted_again_and_marked(self):
        self.order(self.customer("First"), 100, self.noon(40))
        self.replay()
        day = self.today - timedelta(days=30)
        # Recording began 60 days ago: what is earlier was replayed, and stays.
        recorded = self.Day.search([("company_id", "=", self.company.id)])
        recorded.filtered(lambda row: row.date >= self.today - timedelta(days=60)).replayed = False
        self.order(self.customer("Late"), 70, f"{day} 12:00:00")
        self.order(self.customer("Too late"), 70, self.noon(80))
        self.refresh()
        last = self.yesterday - timedelta(days=1)
        self.count(self.company, last)
        self.assertEqual(self.value("revenue", day), 70)
        self.assertTrue(self.on("revenue", day).corrected)
        self.assertEqual(self.value("new_customers", day), 1)
        self.assertEqual(self.value("customers", day), 3, "also whoever came earlier is one by then")
        self.assertFalse(self.on("revenue", self.today - timedelta(days=80)), "what was replayed stays")
        self.assertFalse(self.on("customers", self.today - timedelta(days=50)).corrected)
        before = self.row_versions("crm_kpi_day")
        self.count(self.company, last)
        self.assertEqual(self.row_versions("crm_kpi_day"), before, "nothing is left to correct")

    def test_documents_of_whom_is_no_customer_yet_change_no_day(self):
        self.order(self.customer("First"), 100, self.noon(40))
        self.replay()
        self.Day.search([("company_id", "=", self.company.id)]).replayed = False
        last = self.yesterday - timedelta(days=1)
        recorder = Recorder(self.env, self.company)
        self.assertFalse(recorder._first_changed(last))
        self.order(self.customer("Not counted yet"), 70, self.noon(30))
        self.assertFalse(recorder._first_changed(last))
        self.refresh()
        self.assertEqual(recorder._first_changed(last), self.today - timedelta(days=30))

    def test_what_is_dated_back_before_the_end_of_a_month_changes_its_retention(self):
        end = self.today.replace(day=1) - timedelta(days=1)
        then = end - relativedelta(months=18)
        for name in ("Stays", "Goes"):
            self.order(self.customer(name), 100, f"{then} 12:00:00")
        stays = self.env["res.partner"].search([("name", "=", "Stays")], order="id desc", limit=1)
        self.record()
        self.assertEqual((self.value("retention", end), self.on("retention", end).corrected), (0, False))
        self.Day.search([("company_id", "=", self.company.id)]).replayed = False
        self.env.cr.execute(
            """INSERT INTO crm_kpi_day (company_id, date, figure, dimension, numerator, replayed)
               VALUES (%s, %s, 'customers', 'company', 2, FALSE)""",
            [self.company.id, self.today - timedelta(days=90)],
        )
        self.order(stays, 50, f"{end - timedelta(days=9)} 12:00:00")
        self.refresh()
        Day = self.Day.with_context(allowed_company_ids=self.company.ids)
        night = {RECORDED: str(self.yesterday - timedelta(days=1)), REPLAYED: None}
        self.env["crm.job.memory"]._note(self.company, JOB, night)
        ends = []
        while not Day._record_step(self.company):
            ends.append(self.env["crm.job.memory"]._of(self.company)[self.company.id][RECOUNTED])
        self.assertEqual(ends[0][-1], str(end))
        self.assertEqual([len(left) for left in ends], list(range(len(ends[0]), -1, -1)), "a month a step")
        self.assertEqual(self.value("retention", end), 50)
        self.assertTrue(self.on("retention", end).corrected)

    def test_a_night_counts_what_a_week_would(self):
        _partners, rows = self.random_orders(Random(23), 60, days=900)
        self.many_orders(rows)
        self.record()
        mine = [("company_id", "=", self.company.id)]

        def stored():
            return {(row.figure, row.date, row.segment_id.id, row.tier_id.id, row.numerator, row.denominator)
                    for row in self.Day.search(mine)}  # fmt: skip

        week = stored()
        self.Day.search([*mine, ("date", "=", self.yesterday)]).unlink()
        self.refresh()
        self.count(self.company, self.yesterday - timedelta(days=1))
        self.assertEqual(stored(), week)

    def test_who_comes_and_goes_counts_for_the_segment_and_tier_of_that_day(self):
        self.order(self.customer("Lost"), day=self.noon(366))
        self.order(self.customer("New"), day=self.noon(1))
        self.refresh()
        self.env["crm.segment.membership"].search([("company_id", "=", self.company.id)]).date_from = "2020-01-01"
        self.env["crm.tier.stay"].search([("company_id", "=", self.company.id)]).date_from = "2020-01-01"
        self.record()
        for name, figure in (("Lost", "lost_customers"), ("New", "new_customers")):
            profile = self.profiles().filtered(lambda row, name=name: row.partner_id.name == name)
            self.assertEqual(self.value(figure, segment_id=profile.segment_id.id), 1, name)
            if profile.tier_id:
                self.assertEqual(self.value(figure, tier_id=profile.tier_id.id), 1, name)
        self.assertEqual(self.value("repeat_rate", segment_id=self.profiles()[:1].segment_id.id), 0)

    def test_margins_where_the_host_knows_them(self):
        if "margin" not in self.env["sale.order"]._fields:
            self.skipTest("the host has no margins")
        order = self.order(self.customer(), 100, self.noon(1))
        order.order_line.purchase_price = 60
        self.record()
        self.assertEqual(self.value("margin"), 40)
        self.assertEqual(self.value("margin_rate"), 40)
        segment = self.profiles().segment_id
        self.env["crm.segment.membership"].search([("company_id", "=", self.company.id)]).date_from = self.yesterday
        self.record()
        self.assertEqual(self.value("margin", segment_id=segment.id), 40)

    def test_orders_of_a_sales_team_are_those_of_its_list(self):
        other = self.env["res.company"].create({"name": "Other"})
        north, south = self.env["crm.team"].create(
            [{"name": name, "company_id": self.company.id} for name in ("North", "South")]
        )
        partner, day = self.customer(), self.today - timedelta(days=3)
        rate = self.env["res.currency.rate"].create(
            {"currency_id": self.env.ref("base.EUR").id, "company_id": self.company.id, "name": day, "rate": 0.5}
        )
        euro = self.env["product.pricelist"].create({"name": "Euro", "currency_id": rate.currency_id.id})
        for amount, values in (
            (100, {}), (30, {"pricelist_id": euro.id}), (7, {"team_id": south.id}), (900, {"team_id": False}),
        ):  # fmt: skip
            self.order(partner, amount, self.noon(3), **{"team_id": north.id, **values})
        self.order(partner, 5, self.noon(2), team_id=north.id)
        self.order(partner, 800, self.noon(3), team_id=north.id).state = "cancel"
        of_other = self.order(partner, 700, self.noon(3), company_id=other.id)
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET team_id = %s WHERE id = %s", [north.id, of_other.id])

        def told(team, *figures):
            return [self.value(figure, day, team_id=team.id) for figure in figures]

        for count in (self.record, self.replay):
            with self.subTest(count=count.__name__):
                self.Day.search([("company_id", "=", self.company.id)]).unlink()
                count()
                self.assertEqual(told(north, "revenue", "orders", "average_order"), [160, 2, 80])
                self.assertEqual(told(south, "revenue", "orders", "average_order"), [7, 1, 7])
                self.assertEqual(self.value("revenue", self.today - timedelta(days=2), team_id=north.id), 5)
                self.assertEqual(self.on("revenue", day, team_id=north.id).replayed, count == self.replay)
        self.assertEqual(self.value("revenue", day), 1067, "of the company it counts once")

    def test_orders_of_a_sales_team_are_corrected_and_unknown_to_invoices(self):
        team = self.env["crm.team"].create({"name": "North", "company_id": self.company.id})
        orders = [self.order(self.customer(), amount, self.noon(3), team_id=team.id) for amount in (10, 20)]
        day = self.today - timedelta(days=3)
        self.record()
        self.assertEqual(self.value("revenue", day, team_id=team.id), 30)
        if "margin" in self.env["sale.order"]._fields:
            self.assertEqual(self.value("margin_rate", day, team_id=team.id), self.value("margin_rate", day))
            self.assertEqual(self.value("margin", day, team_id=team.id), sum(order.margin for order in orders))
        orders[0].state = "cancel"
        self.record()
        self.assertEqual(self.value("revenue", day, team_id=team.id), 20)
        orders[1].state = "cancel"
        self.record()
        self.assertFalse(self.on("revenue", day, team_id=team.id))
        self.company.crm_plus_revenue_basis = "invoice"
        self.order(self.customer(), 40, self.noon(3), team_id=team.id)
        self.record()
        self.assertFalse(self.on("revenue", day, team_id=team.id))

    def test_satisfaction_is_that_of_the_ratings_given(self):
        if "rating.rating" not in self.env:
            self.skipTest("the host has no ratings")
        partner = self.customer()
        self.order(partner, 100, self.noon(10))
        model = self.env["ir.model"]._get_id("res.partner")
        for value in (5, 4, 1):
            given = {"res_model_id": model, "res_id": partner.id, "partner_id": partner.id, "rating": value}
            self.env["rating.rating"].create({**given, "consumed": True}).rated_on = self.noon(1)
        self.record()
        self.assertAlmostEqual(self.value("satisfaction"), 200 / 3, 4)

    def test_a_second_record_of_the_same_night_writes_nothing(self):
        self.order(self.customer(), day=self.noon(2))
        self.record()
        before = self.row_versions("crm_kpi_day")
        self.count(self.company)
        self.assertEqual(self.row_versions("crm_kpi_day"), before)

    def test_groups_are_ratios_of_sums_and_never_mix_figures(self):
        self.order(self.customer(), 1000, self.noon(3))
        for _number in range(4):
            self.order(self.customer(), 10, self.noon(2))
        self.record()

        def grouped(figures, groupby=()):
            mine = [("company_id", "=", self.company.id), ("dimension", "=", "company"), ("figure", "in", figures)]
            return self.Day._read_group(mine, groupby, ["value:sum"])

        self.assertEqual(grouped(["average_order"]), [(1040 / 5,)])
        self.assertEqual(grouped(["revenue"]), [(1040,)])
        self.assertEqual(grouped(["orders"]), [(5,)])
        self.assertEqual(grouped(["orders", "revenue"]), [(False,)])
        [(mean,)] = grouped(["customers"])
        self.assertAlmostEqual(mean, (4 * 0 + 1 + 5 + 5) / 7, 4)
        mine = [("company_id", "=", self.company.id), ("dimension", "=", "company"), ("figure", "=", "orders")]
        days = self.Day.formatted_read_group(mine, ["date:day"], ["value:sum"])
        self.assertIn(4, [day["value:sum"] for day in days])
        self.assertEqual(self.Day.fields_get(["value"])["value"]["aggregator"], "sum")

    def test_segments_have_their_customers_and_revenue(self):
        for _number in range(3):
            self.order(self.customer(), 50, self.noon(1))
        self.refresh()
        segment = self.profiles().segment_id[:1]
        self.assertTrue(segment)
        stays = self.env["crm.segment.membership"].search([("company_id", "=", self.company.id)])
        stays.date_from = self.yesterday
        self.record()
        there = self.profiles().filtered(lambda profile: profile.segment_id == segment)
        self.assertEqual(self.value("customers", segment_id=segment.id), len(there))
        self.assertEqual(self.value("revenue", segment_id=segment.id), 50 * len(there))
        self.assertEqual(self.value("active_customers", segment_id=segment.id), len(there))

    def test_leads_their_answers_and_outcomes(self):
        team = self.env["crm.team"].create({"name": "Team", "company_id": self.company.id})
        leads = self.env["crm.lead"].create(
            [
                {"name": f"Lead {number}", "company_id": self.company.id, "team_id": team.id, "type": "opportunity"}
                for number in range(4)
            ]
        )
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_lead SET create_date = %s WHERE id IN %s", [self.noon(2), tuple(leads.ids)])
        leads.invalidate_recordset()
        leads[0].action_set_won()
        (leads[1] | leads[2]).action_set_lost()
        leads[:3].date_closed = self.noon(1)
        self.env["crm.interaction"].create(
            {
                "lead_id": leads[3].id, "company_id": self.company.id, "direction": "out", "name": "Call",
                "channel_id": self.env.ref("crm_plus.channel_phone").id, "date": f"{self.yesterday} 10:00:00",
            }
        )  # fmt: skip
        self.record()
        self.assertEqual(self.value("leads", self.today - timedelta(days=2)), 4)
        self.assertEqual(self.value("won_leads"), 1)
        self.assertEqual(self.value("lost_leads"), 2)
        self.assertAlmostEqual(self.value("win_rate"), 100 / 3, 4)
        self.assertAlmostEqual(self.value("win_rate", team_id=team.id), 100 / 3, 4)
        self.assertEqual(self.value("response_time"), 22)
        self.assertEqual(self.value("contacts_out"), 1)
        phone = self.env.ref("crm_plus.channel_phone")
        self.assertEqual(self.value("contacts_out", channel_id=phone.id), 1)

    def test_an_email_to_many_is_one_contact(self):
        partners = [self.customer(f"Many {number}") for number in range(3)]
        email = self.env.ref("crm_plus.channel_email")
        for ref in ("mail.message,7", "mail.message,8"):
            self.env["crm.interaction"].sudo().create(
                [
                    {
                        "partner_id": partner.id, "company_id": self.company.id, "direction": "out", "name": "Offer",
                        "channel_id": email.id, "date": f"{self.yesterday} 10:00:00", "shared_ref": ref,
                    }
                    for partner in partners
                ]
            )  # fmt: skip
        self.record()
        self.assertEqual(self.value("contacts_out"), 2)

    def test_what_only_now_knows_is_recorded_once_a_day_and_not_replayed(self):
        partner = self.customer(email="x@example.com")
        self.order(partner, 100, self.noon(5))
        self.env["mail.blacklist"]._add("x@example.com")
        self.replay()
        self.assertFalse(self.on("opt_outs"))
        self.record()
        self.assertEqual(self.value("opt_outs"), 1)
        self.assertGreater(self.value("data_quality"), 0)
        self.assertEqual(self.value("contacted"), 0)
        self.assertIsNone(self.value("customer_equity"), "nobody has been predicted")

    def test_the_scheduled_action_records_first_then_replays_and_goes_on_where_it_was(self):
        self.order(self.customer(), day=self.noon(300))
        self.refresh()
        self.env["res.company"].search([("id", "!=", self.company.id)]).write({"crm_plus_profile_date": False})
        Day = self.Day.with_context(allowed_company_ids=self.company.ids)
        self.assertFalse(Day._record_step(self.company))
        self.assertTrue(self.on("customers"))
        with patch.object(Recorder, "count_retention") as counted:
            self.assertFalse(Day._record_step(self.company))
        counted.assert_called_once_with(self.today.replace(day=1) - timedelta(days=1))
        self.assertTrue(Day._record_step(self.company), "the past of the segments is not known yet")
        self.assertFalse(self.on("customers", self.today - timedelta(days=100)))
        self.company.crm_plus_replayed_date = self.today
        self.assertFalse(Day._record_step(self.company))
        self.assertTrue(self.on("customers", self.today - timedelta(days=700)), "the oldest quarter comes first")
        steps = 0
        while not self.on("customers", self.today - timedelta(days=100)):
            self.assertFalse(Day._record_step(self.company))
            steps += 1
        self.assertEqual(self.value("customers", self.today - timedelta(days=100)), 1)
        self.assertTrue(self.on("customers", self.today - timedelta(days=100)).replayed)
        while not Day._record_step(self.company):
            steps += 1
        quarters = Recorder(self.env, self.company).quarters()
        statements = sum(len(part(self.env, span)) for part in PARTS.values() for span in quarters)
        self.assertEqual(steps, statements - 1 + REPLAYED_MONTHS, "the other statements and 24 months")
        self.assertTrue(Day._record_step(self.company), "nothing is left to do")

    @mute_logger("odoo.sql_db")
    def test_a_company_without_customers_is_fine(self):
        self.record()
        self.assertEqual(self.value("customers"), 0)
        self.assertFalse(self.on("retention"))
