"""What took long to count is kept for who asked, told as such, and never outlives a right."""

import json
import logging
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...services.kpi import kept
from ...services.kpi.board import CARD
from .test_kpi_board import BoardCase

MINUTES = timedelta(minutes=11)


@tagged("post_install", "-at_install")
class TestKept(BoardCase):
    def setUp(self):
        super().setUp()
        self.fill()
        self.refresh()
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
        self.overview()
        self.env["crm.segment"].search([]).write({"name": "Renamed"})
        self.assertNotEqual({row["name"] for row in self.overview()["segments"]}, {"Renamed"})
        self.overview(again=True)
        found = self.overview()
        self.assertTrue(found["kept"])
        self.assertLessEqual({row["name"] for row in found["segments"]}, {"Renamed", "No segment"})

    def test_cards_and_concentration_are_kept_as_well(self):
        profiles = self.env["crm.customer.profile"].with_env(self.days("all").env)
        cards = (*CARD, *self.days("manager")._overview_reports())
        for ask in (
            *(lambda card=card, **how: self.days("manager").overview_card(card, self.chosen, **how) for card in cards),
            lambda **how: profiles.pareto_curve(**how),
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
            self.assertLogs(
                "odoo.addons.crm_plus.services.kpi.kept", logging.INFO
            ),  # the host's "INFO" is a higher one
        ):
            answer = self.overview()
        self.assertTrue(answer["segments"])
        self.assertFalse(self.rows(self.users["own"]))

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
            "another company": lambda: own.write({"company_ids": [Command.link(other.id)]}),
        }
        own.write({"group_ids": [Command.link(self.group("salesman_all_leads"))]})
        self.overview()
        for change, make in changes.items():
            with self.subTest(change):
                self.assertTrue(self.overview()["kept"], "nothing has changed")
                make()
                self.env.flush_all()
                companies = {"allowed_company_ids": own.company_ids.ids} if change == "another company" else {}
                self.assertFalse(self.overview(**companies)["kept"])
                self.overview()
        self.assertFalse(self.overview(lang="fr_FR")["kept"])
        self.assertFalse(self.overview(crm_amounts_hidden=True)["kept"])

    def group(self, name):
        return self.env.ref(f"sales_team.group_sale_{name}").id

    def test_who_may_no_longer_look_at_customers_is_refused(self):
        self.overview()
        self.users["own"].write({"group_ids": [Command.set(self.env.ref("base.group_user").ids)]})
        with self.assertRaises(AccessError):
            self.overview()
