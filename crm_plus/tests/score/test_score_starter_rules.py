from ast import literal_eval

from odoo.tests import tagged
from odoo.tools import SQL

from .common import ScoreCase


@tagged("post_install", "-at_install")
class TestStarterRules(ScoreCase):
    @classmethod
    def setUpClass(cls):
        super(ScoreCase, cls).setUpClass()  # the rules the add-on brings stay

    def test_every_starter_rule_works_here(self):
        rules = self.env["crm.score.rule"].search([])
        self.assertGreater(len(rules), 15)
        self.assertFalse([rule.name for rule in rules if rule.kind == "fit" and rule._domain_problem()])
        self.env["crm.lead.score"]._refresh_many(self.env.company, SQL("TRUE"))
        self.assertFalse([rule.error for rule in rules if rule.error])

    def test_our_markets_begin_with_the_country_of_the_company_and_count_once_activated(self):
        rule = self.env.ref("crm_plus.score_rule_market")
        self.assertEqual(rule.state, "draft")
        country = self.env.ref("base.main_company").country_id
        self.assertEqual(literal_eval(rule.domain), [("country_id", "in", country.ids)])
        rule.domain = f"[('country_id', '=', {self.env.ref('base.be').id})]"
        rule.action_activate()
        belgian, german = self.env["crm.lead"].create(
            [
                {"name": code, "email_from": "a@firm.example", "country_id": self.env.ref(f"base.{code}").id}
                for code in ("be", "de")
            ]
        )
        self.assertEqual(belgian.fit_score - german.fit_score, 10)

    def test_a_well_known_lead_beats_an_unknown_one(self):
        known = self.env["crm.lead"].create(
            {
                "name": "Known", "type": "opportunity", "email_from": "ann@firm.example", "partner_name": "Firm",
                "function": "Managing Director", "country_id": self.env.ref("base.be").id, "expected_revenue": 5000,
            }
        )  # fmt: skip
        unknown = self.env["crm.lead"].create({"name": "Unknown", "type": "opportunity"})
        self.assertGreater(known.fit_score, 40)
        self.assertEqual(unknown.fit_score, 0)
