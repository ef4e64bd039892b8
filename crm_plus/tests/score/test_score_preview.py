from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import ScoreCase


@tagged("post_install", "-at_install")
class TestPreview(ScoreCase):
    def test_a_shadow_rule_counts_in_the_preview_only(self):
        lead = self.lead(priority="3")
        rule = self.rule(points=80, domain="[('priority', '=', '3'), ('name', '=', 'A lead')]", state="draft")
        self.assertEqual(lead.fit_score, 0)
        result = self.Rule.preview_rule({}, rule.id)
        self.assertEqual(result["moves"], [["D4", "A4", 1]])
        self.assertEqual([row["id"] for row in result["top"]], [lead.id])
        self.assertEqual(result["top"][0]["change"], "+40.00")
        self.assertEqual(lead.fit_score, 0)
        rule.action_activate()
        self.env["crm.lead.score"]._rescore_step(self.company)
        self.assertEqual(lead.fit_score, 80)

    def test_unsaved_values_are_previewed_without_being_written(self):
        lead = self.lead(name="Only me")
        rule = self.rule(points=10, domain="[('name', '=', 'Only me')]")
        self.assertEqual(lead.fit_score, 10)
        result = self.Rule.preview_rule({"points": 60}, rule.id)
        self.assertEqual((result["changed"], result["moves"]), (1, [["D4", "B4", 1]]))
        self.assertEqual((rule.points, lead.fit_score), (10, 10))

    def test_a_bad_rule_has_no_preview(self):
        with self.assertRaisesRegex(ValidationError, "no_such_field"):
            self.Rule.preview_rule({"name": "x", "kind": "fit", "domain": "[('no_such_field', '=', 1)]"})
        with self.assertRaisesRegex(UserError, "Half-life"):
            self.Rule.preview_rule({"name": "x", "kind": "engagement", "half_life_days": 0})

    def test_what_cannot_be_saved_has_no_preview(self):
        for values, problem in (
            ({"points": 0, "domain": "[('id', '>', 0)]"}, "Points"),
            ({"cap": -5, "domain": "[('id', '>', 0)]"}, "Maximum points"),
            ({"kind": "silence", "points": -5, "silence_days": 0}, "Days of silence"),
            ({"kind": "silence", "points": 5}, "Points"),
            ({"kind": "engagement", "period_days": -1}, "Not older than"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, problem):
                self.Rule.preview_rule({"name": "x"} | values)

    def test_the_leads_are_those_of_the_company_of_the_rule(self):
        other = self.env["res.company"].create({"name": "Other"})
        lead = self.lead(company_id=other.id, team_id=False, user_id=False)
        rule = self.rule(points=80, company_id=other.id, state="draft")
        here = self.Rule.with_context(allowed_company_ids=[self.company.id, other.id])
        result = here.preview_rule({}, rule.id)
        self.assertEqual([row["id"] for row in result["top"]], [lead.id])
        self.assertEqual(result["leads"], 1)
        with self.assertRaisesRegex(UserError, "another company"):
            self.Rule.with_context(allowed_company_ids=self.company.ids).preview_rule({}, rule.id)

    def test_only_who_may_change_rules_may_preview_them(self):
        seller = new_test_user(self.env, "score_curious", groups="sales_team.group_sale_salesman_all_leads")
        with self.assertRaises(AccessError):
            self.Rule.with_user(seller).preview_rule({"name": "x", "domain": "[('id', '>', 0)]"})
