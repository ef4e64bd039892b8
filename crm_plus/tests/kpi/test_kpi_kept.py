"""What took long to count is kept for who asked, told as such, and never outlives a right."""

import json
import logging
from datetime import date, timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger
from odoo.tools.json import json_default

from ...engine.kpi.board_request import NARROWED_BY
from ...engine.kpi.cards import CARDS
from ...services.customer.map import CustomerMap
from ...services.kpi import kept
from ...services.kpi.board import CARD
from ...services.kpi.kept import Kept
from .test_kpi_board import BoardCase

MINUTES = timedelta(minutes=11)


@tagged("post_install", "-at_install")
class TestKept(BoardCase):
    def setUp(self):
        super().setUp()
        self.startPatch(patch.object(kept, "SLOW", 0))  # all takes long

    def days(self, name="own", **context):
        context = {"allowed_company_ids": self.company.ids, **context}
        return self.Day.with_user(self.users[name]).with_context(**context)

    def asked(self, ask):
        """What is answered, once the request is over."""
        with self.enter_registry_test_mode():
            answer = ask()
            self.env.cr.postcommit.run()
        return answer

    def overview(self, name="own", again=False, **context):
        return self.asked(lambda: self.days(name, **context).overview(self.chosen, again=again))

    def rows(self, user):
        return self.env["crm.kpi.answer"].search([("user_id", "=", user.id)])

    def startPatch(self, patcher):
        patcher.start()
        self.addCleanup(patcher.stop)

    # ------------------------------------------------------------------ keeping

    def test_what_took_long_is_told_with_its_moment_until_it_is_counted_again(self):
        self.fill()
        self.refresh()
        first = self.overview()
        self.assertFalse(first.pop("kept"))
        self.env["crm.lead"].create({"name": "One more", "company_id": self.company.id, "user_id": False})
        second = self.overview()
        self.assertLess(abs(fields.Datetime.now() - fields.Datetime.to_datetime(second.pop("kept"))), MINUTES)
        self.assertEqual(second, json.loads(json.dumps(first)), "a kept answer is the one that was given")
        today = {**self.chosen, "date_to": str(self.today)}
        self.assertFalse(self.asked(lambda: self.days().overview(today))["kept"], "another period is another question")
        again = self.overview(again=True)
        self.assertFalse(again["kept"])
        self.assertEqual(len(self.rows(self.users["own"])), 2 * 5, "two periods of five parts")

    def test_what_is_counted_again_is_kept_in_place_of_the_former(self):
        self.fill()
        self.refresh()
        self.overview()
        self.env["crm.segment"].search([]).write({"name": "Renamed"})
        self.assertNotEqual({row["name"] for row in self.overview()["segments"]}, {"Renamed"})
        self.overview(again=True)
        found = self.overview()
        self.assertTrue(found["kept"])
        self.assertLessEqual({row["name"] for row in found["segments"]}, {"Renamed", "No segment"})

    def test_cards_and_concentration_are_kept_as_well(self):
        self.fill()
        self.refresh()
        profiles = self.env["crm.customer.profile"].with_env(self.days("all").env)
        cards = (*CARD, *self.days("manager")._overview_reports())
        for ask in (
            *(lambda card=card, **how: self.days("manager").overview_card(card, self.chosen, **how) for card in cards),
            lambda **how: profiles.pareto_curve(**how),
            lambda **how: profiles.env["crm.customer.cohort"].get_retention(**how),
        ):
            first, second = self.asked(ask), self.asked(ask)
            self.assertFalse(first.pop("kept"))
            self.assertTrue(second.pop("kept"))
            self.assertEqual(second, json.loads(json.dumps(first)))
            self.assertFalse(self.asked(lambda ask=ask: ask(again=True))["kept"])

    def test_what_is_quick_is_not_kept(self):
        with patch.object(kept, "SLOW", 3600):
            self.overview()
        self.assertFalse(self.rows(self.users["own"]))

    def test_the_figures_of_days_are_read_at_once_with_a_target_as_soon_as_it_is_saved(self):
        self.order(self.customer(), day=self.noon(1))
        self.record()
        self.overview("manager")
        self.env["crm.kpi.target"].create(
            {
                "company_id": self.company.id, "figure": "revenue", "amount": 77,
                "date_from": self.today - timedelta(days=90), "date_to": self.yesterday,
            }
        )  # fmt: skip
        found = self.overview("manager")
        self.assertTrue(found["kept"])
        target = next(figure["target"] for figure in found["figures"] if figure["code"] == "revenue")
        self.assertAlmostEqual(target, 77 * 91 / 90, delta=2)

    def test_it_is_shown_for_ten_minutes_and_deleted_afterward(self):
        self.overview()
        rows = self.rows(self.users["own"])
        rows.moment = fields.Datetime.now() - MINUTES
        self.env.flush_all()
        self.assertFalse(self.overview()["kept"])
        rows = self.rows(self.users["own"])
        rows.moment = fields.Datetime.now() - MINUTES
        self.env["crm.kpi.answer"]._gc_answers()
        self.assertFalse(rows.exists())

    def test_an_answer_that_cannot_be_kept_is_given(self):
        with (
            patch.object(kept, "USER_WAITS", "nonsense"),
            mute_logger("odoo.sql_db"),
            # the host's "INFO" is another level
            self.assertLogs("odoo.addons.crm_plus.services.kpi.kept", logging.INFO),
        ):
            answer = self.asked(lambda: self.asks("x", 1))
        self.assertEqual(answer["told"], 1)
        self.assertFalse(self.rows(self.users["own"]))

    def asks(self, name, told, **how):
        return Kept(self.days().env, name, {}, **how).answer(lambda: {"told": told})

    def test_a_kept_answer_is_what_the_client_would_have_got(self):
        told = {"day": date(2026, 5, 12), "moment": fields.Datetime.now(), "share": float("inf")}
        first = self.asked(lambda: self.asks("x", told))
        second = self.asked(lambda: self.asks("x", None))
        self.assertTrue(second.pop("kept"))
        self.assertEqual(json.dumps(second["told"]), json.dumps(first["told"], default=json_default))

    def test_what_was_asked_later_stays_though_it_was_counted_sooner(self):
        with self.enter_registry_test_mode():
            with patch.object(fields.Datetime, "now", return_value=fields.Datetime.now() - timedelta(minutes=2)):
                self.asks("x", "earlier")
            earlier = self.env.cr.postcommit._funcs.pop()
            self.asks("x", "later")
            self.env.cr.postcommit.run()
            earlier()
        self.assertEqual(self.asks("x", None)["told"], "later")

    def test_no_more_than_so_many_are_kept_of_a_user(self):
        with patch.object(kept, "MOST", 3):
            for number in range(5):
                self.asked(lambda number=number: self.asks(f"question {number}", number))
        self.assertEqual(len(self.rows(self.users["own"])), 3)
        self.assertEqual(self.asks("question 4", None)["told"], 4)
        self.assertFalse(self.asks("question 1", None)["kept"])

    def test_filters_make_another_question(self):
        profiles = self.env["crm.customer.profile"].with_env(self.days("all").env)
        by_country = {"country_id": self.env.ref("base.be").id}
        self.order(self.customer(), day=self.noon(1))
        self.refresh()
        self.asked(profiles.pareto_curve)
        self.assertTrue(self.overview("all")["segments"])
        self.assertFalse(self.asked(lambda: profiles.pareto_curve(by_country))["kept"])
        self.assertTrue(self.asked(lambda: profiles.pareto_curve(by_country))["kept"])
        narrowed = {**self.chosen, **by_country}
        self.assertFalse(self.asked(lambda: self.days("all").overview(narrowed))["kept"])
        self.assertFalse(self.asked(lambda: self.days("all").overview_card("answers", narrowed))["kept"])
        found = self.asked(lambda: self.days("all").overview(narrowed))
        self.assertTrue(found["kept"])
        self.assertFalse(found["segments"], "nobody is from there")

    # ------------------------------------------------------------------ rights

    def test_nobody_is_told_what_was_counted_for_another(self):
        twin = new_test_user(
            self.env, "board_twin", "sales_team.group_sale_salesman", company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )  # fmt: skip
        self.users = {**self.users, "twin": twin}
        self.overview("own")
        self.assertFalse(self.overview("twin")["kept"])
        # Even under the same key it would not be found.
        self.rows(twin).unlink()
        self.env.cr.execute("UPDATE crm_kpi_answer SET user_id = %s", [self.users["all"].id])
        self.env.invalidate_all()
        self.assertFalse(self.overview("own")["kept"])

    def test_the_superuser_keeps_nothing(self):
        self.asked(lambda: self.Day.with_context(allowed_company_ids=self.company.ids).sudo().overview(self.chosen))
        self.assertFalse(self.env["crm.kpi.answer"].search([]))

    def test_whatever_decides_what_is_seen_makes_another_question(self):
        own = self.users["own"]
        other = self.env["res.company"].create({"name": "Other"})
        self.env["res.lang"]._activate_lang("fr_FR")
        model = self.env["ir.model"]._get_id
        changes = {
            "a group taken": lambda: own.write({"group_ids": [Command.unlink(self.group("salesman_all_leads"))]}),
            "a rule added": lambda: self.env["ir.rule"].create(
                {"name": "Rich ones", "model_id": model("crm.lead"), "domain_force": "[('expected_revenue', '>', 9)]"}
            ),
            "a rule changed": lambda: (
                self.env["ir.rule"]
                .search([("name", "=", "Rich ones")])
                .write({"domain_force": "[('expected_revenue', '>', 99)]"})
            ),
            "rights to a model": lambda: self.env["ir.model.access"].create(
                {"name": "More", "model_id": model("utm.source"), "perm_read": True, "group_id": self.group("manager")}
            ),
            "amounts hidden": lambda: self.company.write({"crm_plus_amounts": "managers"}),
            "another team": lambda: self.team.write({"member_ids": [Command.link(own.id)]}),
            "another leader of a team": lambda: self.team.write({"user_id": own.id}),
            "a rule gone": lambda: self.env["ir.rule"].search([("name", "=", "Rich ones")]).unlink(),
            "a group that takes them in": lambda: self.env["res.groups"].create(
                {"name": "Readers of more", "user_ids": [Command.link(own.id)]}
            ),
            "another company": lambda: own.write({"company_ids": [Command.link(other.id)]}),
        }
        own.write({"group_ids": [Command.link(self.group("salesman_all_leads"))]})
        self.overview()
        for change, make in changes.items():
            with self.subTest(change):
                self.assertTrue(self.overview()["kept"], "nothing has changed")
                self.env.cr._now = self.env.cr.now() + timedelta(seconds=1)  # in a transaction of its own
                make()
                self.env.flush_all()
                companies = {"allowed_company_ids": own.company_ids.ids} if change == "another company" else {}
                self.assertFalse(self.overview(**companies)["kept"])
                self.overview()
        self.assertFalse(self.overview(lang="fr_FR")["kept"])
        self.assertFalse(self.overview(crm_amounts_hidden=True)["kept"])

    def test_another_day_is_another_question(self):
        self.overview()
        tomorrow = self.today + timedelta(days=1)
        with patch.object(type(self.company), "_crm_plus_today", lambda _company: tomorrow):
            self.assertFalse(self.overview()["kept"])
        self.assertTrue(self.overview()["kept"])

    def group(self, name):
        return self.env.ref(f"sales_team.group_sale_{name}").id

    def test_what_took_long_to_change_is_noticed_though_something_else_has_changed_since(self):
        self.overview()
        rule = self.env["ir.rule"].search([("model_id.model", "=", "utm.source")], limit=1) or self.rule("[]")
        self.env.flush_all()
        self.overview()
        self.assertTrue(self.overview()["kept"])
        # Another transaction, that began before the last change, has changed it.
        self.env.cr.execute("UPDATE ir_rule SET write_date = write_date - interval '1 hour' WHERE id = %s", [rule.id])
        self.assertFalse(self.overview()["kept"])

    def rule(self, domain, model="crm.lead"):
        return self.env["ir.rule"].create(
            {"name": "Custom", "model_id": self.env["ir.model"]._get_id(model), "domain_force": domain}
        )

    def test_a_rule_changed_in_the_database_itself_is_noticed(self):
        rule = self.rule("[('expected_revenue', '>', 9)]")
        self.overview()
        self.assertTrue(self.overview()["kept"])
        self.env.cr.execute("UPDATE ir_rule SET domain_force = '[(''expected_revenue'', ''>'', 99)]' WHERE id = %s",
                            [rule.id])  # fmt: skip
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.assertFalse(self.overview()["kept"])

    def test_a_rule_about_the_day_holds_for_the_day_and_one_about_the_moment_for_none(self):
        self.rule("[('create_date', '<', 'today +1d')]")
        self.overview()
        self.assertTrue(self.overview()["kept"])
        with patch("odoo.fields.Datetime.now", return_value=fields.Datetime.now() + timedelta(days=1)):
            self.assertFalse(self.overview()["kept"])
        self.rule("[('partner_id.create_date', '<', 'now -5M')]")
        now = fields.Datetime.now()
        self.overview()
        with patch("odoo.fields.Datetime.now", return_value=now + timedelta(seconds=2)):
            self.assertFalse(self.overview()["kept"])

    def test_under_a_rule_that_cannot_be_written_down_nothing_is_kept(self):
        rules = self.env.registry["ir.rule"]
        compiled = rules._compute_domain
        any_lead = Domain.custom(to_sql=lambda model, alias, query: SQL("%s IS NOT NULL", SQL.identifier(alias, "id")))

        def custom(self, model_name, mode="read"):
            found = compiled(self, model_name, mode)
            return found & any_lead if model_name == "crm.lead" else found

        with patch.object(rules, "_compute_domain", custom):
            for _time in range(2):
                self.assertFalse(self.overview()["kept"])
        self.assertFalse(self.rows(self.users["own"]))

    def test_the_rules_of_all_that_is_counted_are_part_of_the_question(self):
        asked = set()
        rules = self.env.registry["ir.rule"]
        compiled = rules._compute_domain

        def noted(self, model_name, mode="read"):
            if not self.env.su:
                asked.add(model_name)
            return compiled(self, model_name, mode)

        with patch.object(rules, "_compute_domain", noted):
            for name in self.users:
                days = self.days(name)
                board = days._board(self.chosen)
                board.parts()
                for one in NARROWED_BY:
                    days._board({**self.chosen, one: 1}).parts(CARDS)
                for card in (*CARD, *board.reports):
                    board.card(card)
                CustomerMap(self.env["crm.customer.profile"].with_env(days.env)).pareto_curve()
                self.env["crm.customer.cohort"].with_env(days.env).get_retention(12, {"team_id": 1}, again=True)
        reports = {report.model for report in self.Day._overview_reports().values()}
        self.assertIn("crm.lead", asked)
        self.assertFalse(asked - {*kept.MODELS} - reports)

    def test_nobody_reads_what_is_kept(self):
        self.users["manager"].write({"group_ids": [Command.link(self.env.ref("base.group_allow_export").id)]})
        self.overview()
        [row, *_rows] = self.rows(self.users["own"])
        for user in (self.users["own"], self.users["manager"], self.env.ref("base.user_admin")):
            for read in (
                lambda rows: rows.read(["body"]),
                lambda rows: rows.search([]),
                lambda rows: rows._read_group([], [], ["body:array_agg"]),
                lambda rows: rows.write({"body": "{}"}),
                lambda rows: rows.unlink(),
            ):
                with self.assertRaises(AccessError):
                    read(row.with_user(user))
            if user.has_group("base.group_allow_export"):
                with self.assertRaises(AccessError):
                    row.with_user(user).export_data(["body"])

    def test_who_may_no_longer_look_at_customers_is_refused(self):
        self.overview()
        self.users["own"].write({"group_ids": [Command.set(self.env.ref("base.group_user").ids)]})
        with self.assertRaises(AccessError):
            self.overview()
