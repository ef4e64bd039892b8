from ast import literal_eval

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import ScoreCase


@tagged("post_install", "-at_install")
class TestScoreProposals(ScoreCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Proposals Ltd"})
        cls.manager = new_test_user(
            cls.env, "proposals_manager", "sales_team.group_sale_manager",
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)],
        )  # fmt: skip
        cls.env["crm.lead"].search([("company_id", "=", False)]).company_id = cls.env.ref("base.main_company")
        cls.rules = cls.Rule.with_user(cls.manager)

    def closed(self, won, lost, **values):
        """Leads that were won and lost."""
        shared = {"name": "Closed", "type": "opportunity", "company_id": self.company.id, "team_id": False, **values}
        leads = self.env["crm.lead"].create([shared] * (won + lost))
        leads[:won].action_set_won()
        leads[won:].action_set_lost()

    def proposed(self):
        action = self.rules.action_propose()
        return {rule.name: rule for rule in self.rules.search(action["domain"])}

    def test_with_too_few_leads_it_says_how_many_are_missing(self):
        self.closed(3, 2)
        with self.assertRaisesRegex(UserError, "at least 20 won and 20 lost leads. There are 3 and 2"):
            self.rules.action_propose()

    def test_traits_of_won_leads_become_drafts_with_points_and_reasons(self):
        belgium, germany = self.env.ref("base.be"), self.env.ref("base.de")
        self.closed(40, 10, country_id=belgium.id, email_from="ann@firm.example")
        self.closed(10, 60, country_id=germany.id, email_from="ann@gmail.com")
        rules = self.proposed()
        market = rules["In a market where we win: Belgium"]
        self.assertEqual((market.state, market.kind, market.company_id), ("draft", "fit", self.company))
        self.assertEqual(literal_eval(market.domain), [("country_id", "in", belgium.ids)])
        self.assertGreater(market.points, 10)
        self.assertEqual(market.proposal_note, "80% of 50 such leads were won, 14% of the other 70.")
        self.assertLess(rules["Outside our markets: Germany"].points, -10)
        self.assertGreater(rules["Company email address"].points, 10)
        self.assertLess(rules["Free email address"].points, -10)
        self.assertNotIn("Person who decides", rules)
        self.assertEqual(market.preview_rule({}, market.id)["leads"], 0, "no lead is open")

    def test_industries_and_positions_count_as_well(self):
        industry = self.env["res.partner.industry"].create({"name": "Bakeries"})
        baker = self.env["res.partner"].create({"name": "Baker", "is_company": True, "industry_id": industry.id})
        self.closed(30, 5, partner_id=baker.id, function="Managing Director")
        self.closed(10, 50)
        rules = self.proposed()
        self.assertGreater(rules["Industry where we win: Bakeries"].points, 0)
        self.assertGreater(rules["Person who decides"].points, 0)

    def test_proposals_replace_those_before_and_leave_what_is_active(self):
        self.closed(40, 10, country_id=self.env.ref("base.be").id)
        self.closed(10, 60)
        [market] = self.proposed().values()
        again = self.proposed()
        self.assertFalse(market.exists())
        [market] = again.values()
        market.action_activate()
        self.assertFalse(self.proposed(), "there is such a rule already")
        self.assertTrue(market.exists())

    def test_what_does_not_matter_is_not_proposed(self):
        self.closed(30, 30, country_id=self.env.ref("base.be").id)
        self.closed(30, 30)
        self.assertEqual(self.proposed(), {})

    def test_a_salesperson_cannot(self):
        seller = new_test_user(self.env, "proposals_seller", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            self.Rule.with_user(seller).action_propose()
