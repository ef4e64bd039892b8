"""What the cells of a spreadsheet are told: the figures of the overview, and nothing twice."""

from datetime import timedelta

from odoo import Command
from odoo.addons.crm_plus.tests.kpi.test_kpi_board import BoardCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

WHOLE = {"crm_plus_whole_company": True}


@tagged("post_install", "-at_install")
class TestDashboardFigures(BoardCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Days = cls.env["crm.kpi.day"].with_user(cls.users["manager"]).with_company(cls.company)

    def asked(self, figure, **more):
        return self.Days.figures_for_spreadsheet([{"figure": figure, **self.chosen, **more}])[0]

    def row(self, figure, value, days_ago=1, denominator=None, **where):
        dimension = next((name.removesuffix("_id") for name in where if name != "company_id"), "company")
        return self.env["crm.kpi.day"].create(
            {
                "company_id": self.company.id, "figure": figure, "date": self.today - timedelta(days=days_ago),
                "dimension": dimension, "numerator": value, "denominator": denominator, **where,
            }
        )  # fmt: skip

    def family(self, *names):
        return self.env["crm.segment.family"].create(
            {
                "name": names[0], "company_id": self.company.id, "kind": "manual",
                "segment_ids": [Command.create({"name": name}) for name in names],
            }
        ).segment_ids  # fmt: skip

    def test_they_are_those_of_the_overview(self):
        self.fill()
        period = {"date_from": self.today - timedelta(days=180), "date_to": self.yesterday}
        self.env["crm.kpi.target"].create({"figure": "revenue", "amount": 360, "company_id": self.company.id, **period})
        of_team = {"figure": "leads", "amount": 9, "team_id": self.team.id, "company_id": self.company.id, **period}
        self.env["crm.kpi.target"].create(of_team)
        for narrowed in ({}, {"team_id": self.team.id}):
            ids = {f"{name}s": [value] for name, value in narrowed.items()}
            figures = self.board("manager", **narrowed)["figures"]
            self.assertGreater(len(figures), 2)
            for figure in figures:
                with self.subTest(figure=figure["code"], narrowed=narrowed):
                    told = self.asked(figure["code"], **ids)
                    self.assertEqual(told["value"], figure["value"])
                    self.assertEqual(told["target"], figure["target"])
                    self.assertEqual((told["label"], told["unit"]), (figure["label"], figure["unit"]))

    def test_stocks_are_not_added_over_days_nor_flows_left_out(self):
        for ago, customers, revenue in ((1, 12, 100), (2, 10, 50)):
            self.row("customers", customers, ago)
            self.row("revenue", revenue, ago)
            self.row("average_order", revenue, ago, denominator=ago)
        told = {figure: self.asked(figure)["value"] for figure in ("customers", "revenue", "average_order")}
        self.assertEqual(told, {"customers": 12, "revenue": 150, "average_order": 50})

    def test_parts_never_add_to_the_whole(self):
        one, two = self.family("One", "Two")
        self.row("revenue", 100)
        self.row("revenue", 60, segment_id=one.id)
        self.row("revenue", 40, segment_id=two.id)
        self.row("revenue", 70, team_id=self.team.id)
        self.assertEqual(self.asked("revenue")["value"], 100)
        self.assertEqual(self.asked("revenue", segment_ids=[one.id])["value"], 60)
        self.assertEqual(self.asked("revenue", segment_ids=[one.id, two.id])["value"], 100)
        self.assertIs(self.asked("revenue", segment_ids=[one.id], team_ids=[self.team.id])["value"], False)

    def test_segments_of_two_families_have_no_sum(self):
        one, other = self.family("One"), self.family("Other")
        self.row("revenue", 60, segment_id=one.id)
        self.row("revenue", 40, segment_id=other.id)
        self.assertIs(self.asked("revenue", segment_ids=[one.id, other.id])["value"], False)

    def test_a_chart_shows_the_whole_company_until_a_filter_asks_for_a_part(self):
        [segment] = self.family("One")
        self.row("revenue", 100)
        self.row("revenue", 60, segment_id=segment.id)
        days = self.Days.with_context(**WHOLE)

        def grouped(*conditions):
            domain = [("figure", "=", "revenue"), ("company_id", "=", self.company.id), *conditions]
            return [group["value:sum"] for group in days.formatted_read_group(domain, ["date:month"], ["value:sum"])]

        self.assertEqual(grouped(), [100])
        self.assertEqual(grouped(("segment_id", "in", segment.ids)), [60])
        self.assertEqual(len(self.Days.search([("figure", "=", "revenue")])), 2, "only where it is asked for")

    def test_all_cells_of_a_period_cost_what_one_costs(self):
        self.row("revenue", 100)
        figures = ("revenue", "orders", "customers", "leads", "win_rate")
        requests = [{"figure": figure, **self.chosen} for figure in figures]

        def queries(asked):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Days.figures_for_spreadsheet(asked)
            return self.env.cr.sql_log_count - before

        queries(requests)
        self.assertLessEqual(queries(requests), queries(requests[:1]))

    def test_without_dates_all_that_is_recorded_counts_and_no_target_does(self):
        self.row("revenue", 100)
        self.row("revenue", 10, days_ago=500)
        told = self.Days.figures_for_spreadsheet([{"figure": "revenue", "date_from": False, "date_to": ""}])[0]
        self.assertEqual((told["value"], told["target"]), (110, False))

    def test_days_before_and_after_the_period_do_not_count(self):
        chosen = {"date_from": self.today - timedelta(days=5), "date_to": self.today - timedelta(days=3)}
        for ago, amount in ((2, 1000), (3, 20), (5, 3), (6, 4000)):
            self.row("revenue", amount, ago)
        self.assertEqual(self.asked("revenue", **chosen)["value"], 23)

    def test_a_target_is_that_of_one_company_or_one_team(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        unseen = self.env["res.company"].create({"name": "Unseen"})
        self.users["manager"].company_ids |= other
        south = self.env["crm.team"].create({"name": "South", "company_id": self.company.id})
        [segment], tiers = self.family("One"), self.env["crm.tier"].search([], limit=1)
        period = {"date_from": self.chosen["date_from"], "date_to": self.chosen["date_to"], "figure": "leads"}
        amounts = {(self.company, False): 9, (other, False): 50, (unseen, False): 70, (self.company, self.team): 4}
        self.env["crm.kpi.target"].sudo().create(
            [
                {**period, "amount": amount, "company_id": company.id, "team_id": team and team.id}
                for (company, team), amount in amounts.items()
            ]
        )
        self.Days = self.Days.with_context(allowed_company_ids=[self.company.id, other.id])
        for asked, target in (
            ({"company_ids": self.company.ids}, 9), ({"company_ids": other.ids}, 50), ({}, False),
            ({"company_ids": unseen.ids}, False), ({"company_ids": [other.id, unseen.id]}, 50),
            ({"company_ids": self.company.ids, "team_ids": self.team.ids}, 4),
            ({"company_ids": self.company.ids, "team_ids": (self.team | south).ids}, False),
            ({"company_ids": self.company.ids, "segment_ids": segment.ids}, False),
            ({"company_ids": self.company.ids, "tier_ids": tiers.ids}, False),
        ):  # fmt: skip
            self.assertEqual(self.asked("leads", **asked)["target"], target, asked)

    def test_they_are_for_managers_of_the_company(self):
        self.row("revenue", 100)
        for name in ("own", "all"):
            with self.assertRaises(AccessError):
                self.Days.with_user(self.users[name]).figures_for_spreadsheet([{"figure": "revenue"}])
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertIs(self.asked("revenue", company_ids=[other.id])["value"], False)

    def test_what_is_asked_for_is_checked(self):
        for wrong in (
            {"figure": "profit"},
            {"figure": "revenue", "date_from": "yesterday"},
            {"figure": "revenue", "team_ids": "north"},
            "revenue",
        ):
            with self.subTest(asked=wrong), self.assertRaises(UserError):
                self.Days.figures_for_spreadsheet([wrong])
