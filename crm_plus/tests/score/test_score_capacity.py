from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import ScoreCase


@tagged("post_install", "-at_install")
class TestCapacity(ScoreCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.lead"].search([]).unlink()
        cls.company.write(
            {"crm_plus_fit_weight": 100, "crm_plus_hot_score": 70, "crm_plus_hot_activity_type_id": False}
        )
        for level, points in (("1", 30), ("2", 50), ("3", 80)):
            cls.rule(points=points, domain=f"[('priority', '=', '{level}')]")
        for level in "0112233":
            cls.lead(priority=level)
        cls.env.cr.flush()
        cls.manager = new_test_user(cls.env, "capacity_manager", groups="sales_team.group_sale_manager")

    def capacity(self, **values):
        with Form(self.env["crm.score.capacity"].with_user(self.manager)) as form:
            given = {"team_id": self.env["crm.team"], "salespeople": 1, "leads_a_week": 2, "weeks": 2} | values
            for name, value in given.items():  # the team first: it says how many salespeople there are
                form[name] = value
        return form.record

    def test_the_capacity_gives_the_cut_off(self):
        capacity = self.capacity()
        self.assertEqual((capacity.cutoff, capacity.leads, capacity.arrived), (50, 4, 7))
        self.assertFalse(capacity.problem)

    def test_how_many_leads_a_week_reach_each_score_is_shown(self):
        steps = self.capacity(salespeople=2, leads_a_week=1).steps
        self.assertEqual(steps["capacity"], 2)
        rows = {row["score"]: (row["week"], row["each"], row["marks"]) for row in steps["rows"]}
        self.assertEqual(rows[80], (1, 0.5, []))
        self.assertEqual(rows[50], (2, 1, ["cutoff"]))
        self.assertEqual(rows[70], (1, 0.5, ["current"]))
        self.assertEqual(rows[10], (3, 1.5, []))
        self.assertEqual([row["score"] for row in steps["rows"]], sorted(rows, reverse=True))

    def test_what_will_happen_is_what_happens(self):
        self.company.crm_plus_hot_activity_type_id = self.env.ref("mail.mail_activity_data_call")
        capacity = self.capacity()
        self.assertIn("at 50 or above, instead of 70", capacity.effect)
        self.assertIn("Of 7 open leads, 4 reach it; 2 are hot now", capacity.effect)
        self.assertIn("2 leads become hot", capacity.effect)
        self.assertIn("“Call”", capacity.effect)
        result = capacity.action_use_as_hot()
        self.assertEqual(result["params"]["next"]["type"], "ir.actions.act_window_close")
        self.assertEqual(self.company.crm_plus_hot_score, 50)
        self.Score._rescore_step(self.company)
        self.assertEqual(self.env["crm.lead"].search_count([("is_hot", "=", True)]), 4)
        self.assertEqual(self.Score.search_count([("hot_to_announce", "=", True)]), 2)

    def test_the_threshold_is_said_to_hold_for_all_teams(self):
        team = self.env["crm.team"].create({"name": "Of the test", "company_id": self.company.id})
        self.env["crm.lead"].search([]).team_id = team
        self.assertIn("all teams", self.capacity(team_id=team).effect)

    def assertNoCutOff(self, words, **values):
        capacity = self.capacity(**values)
        self.assertIn(words, capacity.problem)
        self.assertFalse(capacity.effect)
        with self.assertRaisesRegex(UserError, words):
            capacity.action_use_as_hot()
        self.assertEqual(self.company.crm_plus_hot_score, 70)

    def test_without_salespeople_it_says_what_is_missing(self):
        self.assertNoCutOff("The team has no salespeople", salespeople=0)

    def test_without_leads_it_says_what_is_missing(self):
        team = self.env["crm.team"].create({"name": "Empty", "company_id": self.company.id})
        self.assertNoCutOff("No leads were received", team_id=team)

    def test_more_leads_at_the_top_than_anybody_can_take_have_no_cut_off(self):
        self.assertNoCutOff("More than 1 leads have the highest score", leads_a_week=1, weeks=1)

    def test_with_room_for_all_no_cut_off_is_needed(self):
        self.assertNoCutOff("The team can take all leads received", leads_a_week=9)

    def test_nothing_a_week_is_refused(self):
        form = Form(self.env["crm.score.capacity"].with_user(self.manager))
        form.leads_a_week = 0
        self.assertIn("at least one", form.problem)

    def test_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Not mine"})
        with self.assertRaisesRegex(AccessError, "Company: choose"):
            self.env["crm.score.capacity"].with_user(self.manager).create({"company_id": other.id})
