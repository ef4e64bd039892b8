"""The overview: each row agrees with what it opens, whoever looks; who may see less is told less."""

from datetime import datetime, timedelta
from random import Random

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ...engine.kpi.board_request import NARROWED_BY
from ...engine.kpi.figures import BY_CODE
from ...models.kpi.digest_digest import TOLD
from ...services.kpi.board import CARD
from .test_kpi_day import KpiCase


class BoardCase(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chosen = {"date_from": str(cls.today - timedelta(days=90)), "date_to": str(cls.yesterday)}
        cls.users = {
            name: new_test_user(
                cls.env, f"board_{name}", f"sales_team.group_sale_{group}", company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for name, group in (("own", "salesman"), ("all", "salesman_all_leads"), ("manager", "manager"))
        }  # fmt: skip
        cls.team = cls.env["crm.team"].create({"name": "North", "company_id": cls.company.id})

    def fill(self):
        """Customers who come and go, leads of two people with quotations and orders, calls."""
        _partners, rows = self.random_orders(Random(11), 40, days=800)
        self.many_orders(rows)
        phone, email = (self.env.ref(f"crm_plus.channel_{code}") for code in ("phone", "email"))
        noon = f"{self.today - timedelta(days=20)} 12:00:00"
        for number in range(12):
            user = self.users["own" if number % 3 else "all"]
            lead = self.env["crm.lead"].create(
                {
                    "name": f"Lead {number}", "company_id": self.company.id, "user_id": user.id,
                    "team_id": self.team.id, "type": "opportunity" if number % 2 else "lead",
                    "partner_id": self.customer(f"Lead customer {number}").id,
                }
            )  # fmt: skip
            self.env.flush_all()
            self.env.cr.execute("UPDATE crm_lead SET create_date = %s WHERE id = %s", [noon, lead.id])
            lead.invalidate_recordset()
            if number > 5:
                line = Command.create({"product_id": self.product.id, "price_unit": 10, "tax_ids": False})
                order = self.env["sale.order"].create(
                    {
                        "partner_id": lead.partner_id.id, "company_id": self.company.id, "opportunity_id": lead.id,
                        "user_id": user.id, "order_line": [line],
                    }
                )  # fmt: skip
                if number > 8:
                    order.action_confirm()
            if number in (3, 9):
                lead.action_set_won()
            if number in (4, 5):
                lead.action_set_lost()
            if number in (3, 4, 5, 9):
                lead.date_closed = noon
            self.env["crm.interaction"].create(
                {
                    "lead_id": lead.id, "partner_id": lead.partner_id.id, "company_id": self.company.id,
                    "direction": "out" if number % 2 else "in", "name": "Talk", "date": noon, "user_id": user.id,
                    "document_user_id": user.id, "channel_id": (phone if number % 4 else email).id,
                }
            )  # fmt: skip
        self.replay()
        self.record()

    def board(self, user, **more):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.Day.with_user(self.users[user]).overview({**self.chosen, **more})

    def listed(self, user, part, key, **more):
        action = self.Day.with_user(self.users[user]).action_open(part, key, {**self.chosen, **more})
        records = self.env[action["res_model"]].with_user(self.users[user]).with_context(active_test=False)
        return records.search(action["domain"])


@tagged("post_install", "-at_install")
class TestKpiBoard(BoardCase):
    def test_before_anything_is_recorded_it_says_when_that_will_be(self):
        told = self.board("manager")["note"]
        self.assertIn("recorded for the first time", told)
        self.assertIn(self.env["crm.job"]._when("ir_cron_record_kpi"), told)
        self.fill()
        self.assertFalse(self.board("manager")["note"])
        long_ago = {"date_from": "2001-01-01", "date_to": "2001-03-31"}
        self.assertFalse(self.board("manager", **long_ago)["note"])

    def test_record_rules_of_a_company_may_be_about_whose_customers_they_are(self):
        """They join tables that have columns of the same names as ours."""
        self.fill()
        self.refresh()
        for model in ("crm.customer.profile", "crm.segment.membership", "crm.interaction", "crm.lead", "sale.order"):
            self.env["ir.rule"].create(
                {
                    "name": "Of whom", "model_id": self.env["ir.model"]._get_id(model),
                    "domain_force": "['|', ('partner_id.user_id.partner_id.active', '=', True),"
                                    " ('company_id.partner_id.active', '=', True)]",
                }
            )  # fmt: skip
        env = self.Day.with_user(self.users["all"]).with_context(allowed_company_ids=self.company.ids).env
        chosen = {**self.chosen, "country_id": self.env.ref("base.be").id}
        for card in CARD:
            env["crm.kpi.day"].overview_card(card, chosen)
        self.assertTrue(env["crm.kpi.day"].overview(chosen)["figures"])
        profiles, segment = env["crm.customer.profile"], self.profiles().segment_id[:1]
        self.assertTrue(env["res.partner"].search_count([("crm_segment_id", "=", segment.id)]))
        profiles.formatted_read_group([], ["other_segment_ids"], ["__count"])
        profiles.pareto_curve({"country_id": self.env.ref("base.be").id})
        profiles.segment_map()
        env["crm.customer.cohort"].get_retention(12, {"country_id": self.env.ref("base.be").id})
        stays = env["crm.segment.membership"]
        self.assertTrue(stays.movement(self.chosen["date_from"], str(self.today))["flows"])
        stays.action_moved("Gone", self.chosen["date_from"], str(self.today), segment.id, False)

    def test_every_row_agrees_with_the_list_it_opens_for_everybody(self):
        self.fill()
        told = {}
        for user in self.users:
            board = told[user] = self.board(user)
            for row in board["segments"]:
                self.assertEqual(len(self.listed(user, "segment", row["id"])), row["count"], row)
                revenue = sum(self.listed(user, "segment", row["id"]).mapped("revenue"))
                self.assertAlmostEqual(revenue, row["revenue"], 2)
            for row in board["funnel"]:
                self.assertEqual(len(self.listed(user, "funnel", row["key"])), row["count"], (user, row))
            for row in board["channels"]:
                opened = self.listed(user, "channel", row["id"])
                self.assertEqual(len(opened), row["in"] + row["out"] + row["none"], (user, row))
            for row in board["grades"]:
                opened = self.listed(user, "grade", row["grade"])
                self.assertEqual(len(opened), row["closed"], (user, row))
                self.assertEqual(len(opened.filtered(lambda lead: lead.won_status == "won")), row["won"])
        leads = {user: board["funnel"][0]["count"] for user, board in told.items()}
        self.assertEqual(leads, {"own": 8, "all": 12, "manager": 12}, "what is not seen is not counted")
        self.assertGreater(len(told["manager"]["channels"]), 1)

    def test_who_was_chosen_before_the_first_order_is_no_customer_yet(self):
        self.order(self.customer(), day=self.noon(20))
        chosen, tier = self.customer("Strategic"), self.env["crm.tier"]._tiers_of(self.company)[:1]
        self.env["crm.tier.override"].create(
            {"partner_id": chosen.id, "tier_id": tier.id, "company_id": self.company.id, "reason": "strategic"}
        )
        self.refresh()
        profile = self.profile(chosen)
        self.assertEqual((profile.order_count, profile.tier_id), (0, tier))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_tier_stay SET date_from = %s WHERE partner_id = %s", [self.today - timedelta(days=5), chosen.id]
        )
        self.env.invalidate_all()
        self.record()
        self.assertEqual(self.value("customers"), 1)
        self.assertFalse(self.on("customers", tier_id=tier.id))
        segments = self.board("manager")["segments"]
        self.assertEqual(sum(row["count"] for row in segments), 1)
        self.assertNotIn(chosen, self.listed("manager", "segment", False).partner_id)

    def test_headline_figures_agree_with_their_lists_and_are_recorded_for_managers(self):
        self.fill()
        figures = {figure["code"]: figure for figure in self.board("manager")["figures"]}
        self.assertGreater(len(figures), 15)
        counted = ("customers", "new_customers", "lost_customers", "won_back_customers", "leads", "won_leads",
                   "contacts_out")  # fmt: skip
        for code in counted:
            self.assertTrue(figures[code]["opens"])
            self.assertEqual(len(self.listed("manager", "figure", code)), figures[code]["value"], code)
        self.assertTrue(all(figure["why"] for figure in figures.values()))
        for user in ("own", "all"):
            self.assertFalse(any(figure["has_course"] for figure in self.board(user)["figures"]))
            with self.assertRaises(AccessError):
                self.Day.with_user(self.users[user]).overview_course("revenue", self.chosen)

    def test_filters_narrow_every_part_and_say_where_nothing_is_recorded(self):
        self.fill()
        mine = self.users["own"].id
        board = self.board("manager", user_id=mine)
        self.assertIn("recorded", board["note"])
        self.assertEqual({row["code"]: row["value"] for row in board["figures"]}["leads"], 8)
        self.assertEqual(board["funnel"][0]["count"], 8)
        self.assertEqual(len(self.listed("manager", "funnel", "leads", user_id=mine)), 8)
        by_team = {figure["code"]: figure["value"] for figure in self.board("manager", team_id=self.team.id)["figures"]}
        self.assertEqual(by_team["leads"], 12)
        self.assertIn("revenue", by_team)
        for name in NARROWED_BY:
            self.board("manager", **{name: 1})
            self.listed("manager", "funnel", "ordered", **{name: 1})

    def test_managers_see_all_that_others_see_of_a_sales_team(self):
        """What is recorded of it, and the rest as it is counted for others, beside its targets."""
        self.fill()
        order = self.order(self.customer("Of the team"), 70, self.noon(5))
        order.team_id = self.team
        self.record()
        target = {"figure": "revenue", "amount": 90, "team_id": self.team.id}
        self.env["crm.kpi.target"].create({**target, "date_from": self.chosen["date_from"], "date_to": self.yesterday})
        managers, others = (
            {row["code"]: row for row in self.board(user, team_id=self.team.id)["figures"]}
            for user in ("manager", "all")
        )
        self.assertLessEqual(others.keys(), managers.keys())
        self.assertEqual({code: managers[code]["value"] for code in others}, {c: others[c]["value"] for c in others})
        revenue = managers["revenue"]
        self.assertEqual((revenue["value"], revenue["target"], revenue["has_course"]), (70, 90, True))
        self.assertIn("Counted now, from what you may see.", managers["customers"]["why"])
        self.assertTrue(managers["leads"]["has_course"])
        self.assertEqual(self.listed("manager", "figure", "revenue", team_id=self.team.id), order)
        for code in ("customers", "orders", "leads", "contacts_out"):
            listed = self.listed("manager", "figure", code, team_id=self.team.id)
            self.assertEqual(len(listed), managers[code]["value"], code)

    def test_customers_of_a_segment_are_those_who_were_there_on_the_last_recorded_day(self):
        self.fill()
        segment = self.profiles().segment_id[0]
        there = self.profiles().filtered(lambda profile: profile.segment_id == segment)
        gone = there[0]
        stay = gone.membership_ids.filtered(lambda stay: stay.segment_id == segment and not stay.date_to)
        self.cr.execute("UPDATE crm_segment_membership SET date_from = %s WHERE id = ANY(%s)",
                        [self.yesterday, there.membership_ids.ids])  # fmt: skip
        self.cr.execute("UPDATE crm_segment_membership SET date_to = %s WHERE id = %s", [self.today, stay.id])
        self.cr.execute("UPDATE crm_customer_profile SET segment_id = NULL WHERE id = %s", [gone.id])
        self.env.invalidate_all()
        self.record()
        figures = {row["code"]: row for row in self.board("manager", segment_id=segment.id)["figures"]}
        listed = self.listed("manager", "figure", "customers", segment_id=segment.id)
        self.assertEqual(figures["customers"]["value"], len(there))
        self.assertEqual(listed, there)

    def test_a_period_is_compared_with_the_one_before(self):
        self.order(self.customer(), 100, self.noon(10))
        self.order(self.customer("Other"), 200, self.noon(100))
        self.replay()
        figures = {figure["code"]: figure for figure in self.board("manager")["figures"]}
        self.assertEqual((figures["revenue"]["value"], figures["revenue"]["before"]), (100, 200))
        self.assertEqual(figures["revenue"]["change"], -50)
        self.assertEqual((figures["customers"]["value"], figures["customers"]["before"]), (2, 1))

    def test_the_course_of_a_figure_adds_up(self):
        self.fill()
        course = self.Day.with_user(self.users["manager"]).overview_course("orders", self.chosen)
        figures = {figure["code"]: figure["value"] for figure in self.board("manager")["figures"]}
        self.assertEqual(sum(point["value"] for point in course), figures["orders"])

    def test_at_most_25_queries(self):
        self.fill()
        Day = self.Day.with_user(self.users["manager"]).with_context(lang="en_US")

        def all_that_the_page_asks_for_at_first():
            Day.overview(self.chosen)
            Day.env["crm.customer.cohort"].get_retention(12)
            Day.env["crm.customer.profile"].pareto_curve()

        self.board("manager")
        all_that_the_page_asks_for_at_first()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(25):
            all_that_the_page_asks_for_at_first()

    def test_targets_stand_beside_their_figures_in_proportion_to_the_days(self):
        self.order(self.customer(), 100, self.noon(10))
        self.replay()
        Target = self.env["crm.kpi.target"].with_user(self.users["manager"])
        period = {"date_from": self.today - timedelta(days=180), "date_to": self.yesterday}
        Target.create([{"figure": "revenue", "amount": 360, **period}, {"figure": "customers", "amount": 5, **period}])
        Target.create({"figure": "leads", "amount": 9, "team_id": self.team.id, **period})
        figures = {figure["code"]: figure for figure in self.board("manager")["figures"]}
        self.assertEqual(figures["revenue"]["target"], 180)
        self.assertEqual(figures["customers"]["target"], 5)
        self.assertFalse(figures["orders"]["target"])
        with self.assertRaises(AccessError):
            self.env["crm.kpi.target"].with_user(self.users["all"]).search([])

    def test_a_digest_tells_managers_the_figures_of_its_days(self):
        self.order(self.customer(), 100, self.noon(1))
        self.order(self.customer("Other"), 50, self.noon(2))
        self.record()
        digest = self.env["digest.digest"].create(
            {"name": "D", "company_id": self.company.id, "kpi_crm_plus_revenue": True}
        )
        told = {"start_datetime": datetime.now() - timedelta(days=1), "end_datetime": datetime.now()}
        for user, expected in (("manager", 100), ("all", None)):
            theirs = digest.with_user(self.users[user]).sudo(False).with_context(**told)
            if expected is None:
                with self.assertRaises(AccessError):
                    _ = theirs.kpi_crm_plus_revenue_value
            else:
                self.assertEqual(theirs.kpi_crm_plus_revenue_value, expected)
                self.assertEqual(theirs.kpi_crm_plus_new_customers_value, 1)

    def test_a_digest_has_a_line_for_every_figure(self):
        digest = self.env["digest.digest"]
        lines = self.env.ref("crm_plus.digest_digest_view_form_kpi").arch
        kinds = {"count": "integer", "money": "monetary", "percent": "float", "points": "float", "hours": "float"}
        for code, figure in BY_CODE.items():
            self.assertEqual(digest._fields[f"kpi_crm_plus_{code}"].type, "boolean")
            if code in TOLD:
                self.assertEqual(digest._fields[f"kpi_crm_plus_{code}_value"].type, kinds[figure.unit], code)
                self.assertIn(f'"kpi_crm_plus_{code}"', lines)
        self.assertEqual(set(BY_CODE) - set(TOLD), {"hot_leads"}, "it has a line among those of leads")

    def test_the_company_is_chosen_like_the_other_filters(self):
        self.order(self.customer(), 100, self.noon(2))
        self.record()
        home = self.env["res.company"].create({"name": "Home"})
        manager = self.users["manager"]
        manager.company_ids |= home
        at_home = self.Day.with_user(manager).with_context(allowed_company_ids=home.ids)
        there = {**self.chosen, "company_id": self.company.id}
        self.assertFalse(at_home.overview(self.chosen)["segments"])
        self.assertEqual(sum(row["count"] for row in at_home.overview(there)["segments"]), 1)
        window = at_home.action_open("figure", "customers", there)
        listed = self.Profile.with_user(manager).with_context(**window["context"]).search(window["domain"])
        self.assertEqual(len(listed), 1)
        with self.assertRaises(AccessError):
            at_home.overview({**self.chosen, "company_id": self.env["res.company"].create({"name": "Not theirs"}).id})

    def test_what_is_asked_for_is_checked(self):
        Day = self.Day.with_user(self.users["manager"])
        for chosen in (None, {}, self.chosen | {"date_to": "x"}, self.chosen | {"secret": 1}):
            with self.assertRaises(UserError):
                Day.overview(chosen)
        for part, key in (
            ("nothing", "leads"),
            ("figure", "nothing"),
            ("answer", "x"),
            ("product", "x_1"),
            ("grade", "x"),
        ):
            with self.assertRaises(UserError):
                Day.action_open(part, key, self.chosen)
