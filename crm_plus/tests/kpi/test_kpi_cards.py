"""Cards that are counted when they come into view agree with what they open; each chooses what they see."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...engine.kpi.board_request import board_request
from ...engine.kpi.cards import CARDS
from ...services.kpi.board import Board
from ...services.kpi.report import Report, ReportCard
from .test_kpi_board import BoardCase


@tagged("post_install", "-at_install")
class TestKpiCards(BoardCase):
    def card(self, user, name, **more):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.Day.with_user(self.users[user]).overview_card(name, {**self.chosen, **more})

    def contact(self, partner, direction, moment, code="email", user="all"):
        return self.env["crm.interaction"].create(
            {
                "partner_id": partner.id, "company_id": self.company.id, "direction": direction, "name": "Talk",
                "date": moment, "channel_id": self.env.ref(f"crm_plus.channel_{code}").id,
                "user_id": self.users[user].id, "document_user_id": self.users[user].id,
            }
        )  # fmt: skip

    def monday(self):
        """The Monday two weeks ago."""
        return self.today - timedelta(days=self.today.weekday() + 14)

    # ------------------------------------------------------------------ response time

    def test_answers_are_counted_in_working_hours_from_the_first_message_that_waits(self):
        self.company.resource_calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Nine to five", "tz": "UTC", "company_id": self.company.id,
                "attendance_ids": [Command.clear()] + [
                    Command.create({"name": "Day", "dayofweek": str(day), "hour_from": 9, "hour_to": 17})
                    for day in range(5)
                ],
            }
        )  # fmt: skip
        monday = self.monday()
        friday = monday + timedelta(days=4)
        patient, quick, silent = map(self.customer, ("Patient", "Quick", "Silent"))
        first = self.contact(patient, "in", f"{friday} 16:00:00")
        self.contact(patient, "in", f"{friday} 16:30:00")  # still the same wait
        self.contact(patient, "out", f"{friday + timedelta(days=3)} 10:00:00")
        second = self.contact(quick, "in", f"{monday} 10:00:00")
        self.contact(quick, "out", f"{monday} 11:00:00", "phone")
        third = self.contact(silent, "in", f"{monday} 10:00:00")
        card = self.card("manager", "answers")
        [row] = card["channels"]
        self.assertEqual((row["asked"], row["answered"]), (3, 2))
        self.assertAlmostEqual(row["hours"], 2, 3, "two over the weekend, one on Monday, many without an answer")
        self.assertTrue(card["is_working_time"])
        self.assertEqual(self.listed("manager", "answer", row["key"]), first | second | third)
        [source] = card["sources"]
        self.assertEqual(self.listed("manager", "answer", source["key"]), first | second | third)

    def test_without_working_hours_all_hours_count(self):
        self.company.resource_calendar_id = False
        partner, monday = self.customer(), self.monday()
        self.contact(partner, "in", f"{monday} 22:00:00")
        self.contact(partner, "out", f"{monday + timedelta(days=1)} 01:00:00")
        card = self.card("manager", "answers")
        self.assertEqual(card["channels"][0]["hours"], 3)
        self.assertFalse(card["is_working_time"])

    def test_answers_of_others_are_not_told(self):
        monday = self.monday()
        for user in ("own", "all"):
            partner = self.customer(user)
            self.contact(partner, "in", f"{monday} 10:00:00", user=user)
            self.contact(partner, "out", f"{monday} 11:00:00", user=user)
        for user, count in (("own", 1), ("all", 2), ("manager", 2)):
            [row] = self.card(user, "answers")["channels"]
            self.assertEqual(row["asked"], count, user)
            self.assertEqual(len(self.listed(user, "answer", row["key"])), count, user)

    # ------------------------------------------------------------------ products

    def test_products_agree_with_the_lines_they_open(self):
        self.fill()
        other = self.env["product.product"].create({"name": "Other", "type": "service"})
        for user, product in (("own", self.product), ("all", other)):
            line = Command.create({"product_id": product.id, "price_unit": 70, "tax_ids": False, "product_uom_qty": 2})
            self.order(self.customer(user), day=self.noon(4), user_id=self.users[user].id, order_line=[line])
        self.refresh()
        found = {}
        for user in self.users:
            card = found[user] = self.card(user, "products")
            for row in card["rows"]:
                lines = self.listed(user, "product", str(row["id"]))
                self.assertAlmostEqual(sum(lines.mapped("price_subtotal")), row["revenue"], 2)
                self.assertAlmostEqual(sum(row["cells"]), row["revenue"], 2)
                for segment, amount in zip(card["segments"], row["cells"], strict=True):
                    lines = self.listed(user, "product", f"{row['id']}_{segment['id']}")
                    self.assertAlmostEqual(sum(lines.mapped("price_subtotal")), amount, 2)
        self.assertEqual(len(found["manager"]["rows"]), 2)
        self.assertEqual([row["id"] for row in found["own"]["rows"]], self.product.ids)
        narrowed = self.card("manager", "products", user_id=self.users["all"].id)
        self.assertIn(other.id, [row["id"] for row in narrowed["rows"]])
        for row in narrowed["rows"]:
            lines = self.listed("manager", "product", str(row["id"]), user_id=self.users["all"].id)
            self.assertAlmostEqual(sum(lines.mapped("price_subtotal")), row["revenue"], 2)

    def test_products_are_what_was_ordered_in_the_period_here_by_whom_the_filters_leave(self):
        firm = self.customer("Firm", country_id=self.env.ref("base.be").id)
        clerk = self.env["res.partner"].create({"name": "Clerk", "parent_id": firm.id})
        elsewhere = self.customer("Elsewhere")
        other = self.env["res.company"].create({"name": "Other"})
        self.users["manager"].company_ids |= other
        self.order(clerk, 40, self.noon(90))
        self.order(firm, 500, self.noon(91))
        self.order(firm, 600, self.noon(0))
        self.order(elsewhere, 5, self.noon(1))
        self.order(firm, 7, self.noon(2)).state = "cancel"
        voucher = self.env["product.product"].create({"name": "Voucher", "type": "service"})
        line = Command.create({"product_id": voucher.id, "price_unit": -3, "tax_ids": False})
        self.order(firm, day=self.noon(1), order_line=[line])
        self.refresh()
        self.order(firm, 9000, self.noon(1), company_id=other.id)
        self.Day = self.Day.with_context(allowed_company_ids=[self.company.id, other.id])
        card = self.card("manager", "products")
        self.assertEqual([row["revenue"] for row in card["rows"]], [45])
        self.assertNotIn(0, [segment["id"] for segment in card["segments"]], "a clerk buys for the firm")
        card = self.card("manager", "products", country_id=self.env.ref("base.be").id)
        self.assertEqual([row["revenue"] for row in card["rows"]], [40])

    # ------------------------------------------------------------------ forecast

    def test_a_forecast_agrees_with_the_customers_it_opens(self):
        self.order(self.customer("A"), day=self.noon(5))
        self.order(self.customer("B"), day=self.noon(6))
        self.refresh()
        profiles = self.profiles()
        profiles[:1].expected_orders = 2.5
        self.env["crm.purchase.model"].create(
            {
                "company_id": self.company.id, "kind": "mbg_nbd", "state": "published",
                "version": 1, "contest": {"low": 0.8, "high": 1.2, "standings": [{"tests": [{}, {}, {}]}]},
                "check_from": self.today - timedelta(days=400), "check_until": self.today - timedelta(days=36),
                "forecast_orders": 110, "actual_orders": 100, "repeated_orders": 90,
                "forecast_course": [{"day": 7, "forecast": 2, "came": 1, "repeated": 2}],
            }
        )  # fmt: skip
        card = self.card("manager", "forecast")
        self.assertEqual((card["expected"], card["low"], card["high"]), (2.5, 2.0, 3.0))
        self.assertAlmostEqual(card["check"]["off"], 10)
        self.assertEqual(self.listed("manager", "forecast", "customers"), profiles[:1])
        self.assertEqual(len(self.listed("manager", "forecast", "check")), 1)
        self.env["crm.purchase.model"].search([("company_id", "=", self.company.id)]).contest = {
            "low": 0.8, "high": 0.8, "standings": [{"tests": [{}]}],
        }  # fmt: skip
        self.assertFalse(self.card("manager", "forecast")["low"], "one forecast tells no limits")
        narrowed = self.card("manager", "forecast", country_id=self.env.ref("base.be").id)
        self.assertEqual((narrowed["expected"], narrowed["low"]), (False, False))

    def test_without_a_forecast_it_says_why(self):
        card = self.card("all", "forecast")
        self.assertEqual((card["expected"], card["check"], card["course"]), (False, False, []))

    # ------------------------------------------------------------------ of other modules

    def test_a_report_shows_the_measures_that_one_may_read(self):
        """No group of the report is none of its records."""
        self.order(self.customer("A"), 100, self.noon(3))
        self.order(self.customer("B"), 100, self.noon(3))
        self.refresh()
        self.profiles()[:1].segment_id = False
        common = {"label": "Report", "date": "first_order_date", "narrowed": {}}
        customers = Report(model="crm.customer.profile", group="segment_id", measures=("order_count",), **common)
        cohorts = Report(
            model="crm.customer.cohort", group="company_id", measures=("active_count", "revenue"),
            **{**common, "date": "month"},
        )  # fmt: skip
        self.env["crm.customer.cohort"]._refresh(self.company)

        def card(user, report):
            env = self.env(user=self.users[user].id)
            return ReportCard(Board(env, board_request(self.chosen)), report)

        found = card("own", customers)
        self.assertEqual({row["key"] for row in found.card()["rows"]} & {"0"}, {"0"})
        model, condition = found.opened("0")
        self.assertEqual(self.env[model].search(condition), self.profiles().filtered(lambda one: not one.segment_id))
        heads = {user: [head["unit"] for head in card(user, cohorts).card()["heads"]] for user in ("own", "manager")}
        self.assertEqual(heads, {"own": ["count"], "manager": ["count", "percent"]})

    # ------------------------------------------------------------------ choice

    def test_users_choose_for_themselves_managers_for_their_team(self):
        team = self.env["crm.team"].create(
            {"name": "South", "company_id": self.company.id,
             "member_ids": [Command.set([self.users["manager"].id, self.users["own"].id])]}
        )  # fmt: skip
        manager, own = (self.Day.with_user(self.users[name]) for name in ("manager", "own"))
        standard = own.overview_cards()
        self.assertEqual(standard["cards"], [*CARDS, *standard["reports"]])
        self.assertEqual((standard["origin"], standard["team"]), ("standard", team.name))
        manager.set_overview_cards(["funnel", "figures"], team.ids)
        self.assertEqual(own.overview_cards()["cards"], ["funnel", "figures"])
        self.assertEqual(own.overview_cards()["origin"], "team")
        own.set_overview_cards(["channels"])
        self.assertEqual((own.overview_cards()["cards"], own.overview_cards()["origin"]), (["channels"], "user"))
        self.assertEqual(manager.overview_cards()["cards"], ["funnel", "figures"])
        own.set_overview_cards(False)
        self.assertEqual(own.overview_cards()["origin"], "team")
        with self.assertRaises(AccessError):
            own.set_overview_cards(["funnel"], team.ids)
        for nonsense in (["nothing"], ["funnel", "funnel"], "funnel", [3]):
            with self.assertRaises(UserError):
                own.set_overview_cards(nonsense)
        for wrong in (True, ["x"], "5"):
            with self.assertRaises(UserError):
                manager.set_overview_cards(["funnel"], wrong)

    def test_who_leads_a_team_without_being_in_it_chooses_for_it(self):
        lead, own = self.users["manager"], self.users["own"]
        team = self.env["crm.team"].create(
            {"name": "South", "company_id": self.company.id, "user_id": lead.id, "member_ids": [Command.set(own.ids)]}
        )
        self.assertNotIn(lead, team.member_ids)
        self.assertEqual(self.Day.with_user(lead).overview_cards()["team"], team.name)
        self.Day.with_user(lead).set_overview_cards(["funnel", "figures"], team.ids)
        self.assertEqual(self.Day.with_user(own).overview_cards()["cards"], ["funnel", "figures"])

    def test_who_is_above_several_teams_chooses_for_those_they_name(self):
        lead = self.users["manager"]
        with self.assertRaisesRegex(UserError, "in no sales team"):
            self.Day.with_user(lead).set_overview_cards(["funnel"], self.team.ids)
        common = {"company_id": self.company.id, "user_id": lead.id}
        south, west = self.env["crm.team"].create([{"name": name, **common} for name in ("South", "West")])
        south.member_ids, west.member_ids = self.users["own"], self.users["all"]
        others = self.env["crm.team"].create({"name": "Of others", "company_id": self.company.id})
        manager, own, all_of_them = (self.Day.with_user(self.users[name]) for name in ("manager", "own", "all"))
        teams = manager.overview_cards()["teams"]
        self.assertEqual({team["id"] for team in teams}, set((south | west).ids))
        manager.set_overview_cards(["funnel"], west.ids)
        self.assertEqual(own.overview_cards()["origin"], "standard")
        self.assertEqual(all_of_them.overview_cards()["cards"], ["funnel"])
        manager.set_overview_cards(["grades"], [team["id"] for team in teams])
        for day in (own, all_of_them):
            self.assertEqual((day.overview_cards()["cards"], day.overview_cards()["origin"]), (["grades"], "team"))
        for not_theirs in (others.ids, (west | others).ids, [0x7FFFFFFF]):
            with self.assertRaises(AccessError):
                manager.set_overview_cards(["funnel"], not_theirs)
        self.assertEqual(west.crm_plus_cards, "grades")

    def test_what_stands_on_no_card_is_not_counted(self):
        self.fill()
        board = self.Day.with_user(self.users["manager"]).overview(self.chosen, ["funnel"])
        self.assertTrue(board["funnel"])
        self.assertFalse(board["figures"] or board["segments"] or board["channels"] or board["grades"])

    def test_cards_cost_few_queries(self):
        self.fill()
        for name in ("answers", "products", "forecast"):
            self.card("manager", name)
            Day = self.Day.with_user(self.users["manager"]).with_context(lang="en_US")
            self.env.flush_all()
            self.env.invalidate_all()
            with self.assertQueryCount(12):
                Day.overview_card(name, self.chosen)

    # ------------------------------------------------------------------ what figures open

    def test_every_figure_opens_its_records(self):
        self.fill()
        manager = self.Day.with_user(self.users["manager"])
        for figure in manager.overview(self.chosen)["figures"]:
            self.assertTrue(figure["opens"], figure["code"])
            window = manager.action_open("figure", figure["code"], self.chosen)
            self.env[window["res_model"]].with_user(self.users["manager"]).search(window["domain"])
        opened = self.listed("manager", "figure", "revenue")
        figures = {figure["code"]: figure for figure in manager.overview(self.chosen)["figures"]}
        self.assertEqual(opened._name, "crm.kpi.day")
        self.assertAlmostEqual(sum(opened.mapped("numerator")), figures["revenue"]["value"], 2)

    def test_leads_with_a_second_order_can_be_opened(self):
        self.fill()
        lead = self.env["crm.lead"].search([("company_id", "=", self.company.id)], limit=1)
        for ago in (9, 8):
            self.order(lead.partner_id, day=self.noon(ago), opportunity_id=lead.id)
        steps = {row["key"]: row["count"] for row in self.board("manager")["funnel"]}
        self.assertGreaterEqual(steps["again"], 1)
        self.assertEqual(len(self.listed("manager", "funnel", "again")), steps["again"])

    def test_lists_are_asked_by_condition_as_far_as_a_client_can_send_it(self):
        self.fill()
        manager = self.Day.with_user(self.users["manager"])
        for part, key in (("figure", "customers"), ("figure", "leads"), ("grade", "A"), ("segment", 0)):
            domain = manager.action_open(part, key, self.chosen)["domain"]
            self.assertNotEqual(domain[0][0], "id", (part, key))
        self.assertEqual(manager.action_open("figure", "new_customers", self.chosen)["domain"][0][0], "id")
