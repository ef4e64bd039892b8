from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .common import ScoreCase


@tagged("post_install", "-at_install")
class TestAccess(ScoreCase):
    def test_salespeople_read_rules_and_managers_change_them(self):
        rule = self.rule(points=5)
        seller = new_test_user(self.env, "score_reader", groups="sales_team.group_sale_salesman")
        manager = new_test_user(self.env, "score_manager", groups="sales_team.group_sale_manager")
        self.assertEqual(rule.with_user(seller).points, 5)
        with self.assertRaises(AccessError):
            rule.with_user(seller).points = 6
        rule.with_user(manager).points = 7
        self.assertEqual(rule.points, 7)

    def test_nobody_writes_scores_by_hand(self):
        lead = self.lead()
        self.env.cr.flush()
        manager = new_test_user(self.env, "score_boss", groups="sales_team.group_sale_manager")
        score = self.Score.search([("lead_id", "=", lead.id)])
        with self.assertRaises(AccessError):
            score.with_user(manager).lead_score = 99

    def test_a_portal_user_sees_no_score(self):
        portal = new_test_user(self.env, "score_portal", groups="base.group_portal")
        lead = self.lead()
        with self.assertRaises(AccessError):
            lead.with_user(portal).read(["lead_score"])
        with self.assertRaises(AccessError):
            self.Score.with_user(portal).search([])

    def test_rules_and_scores_of_another_company_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Other score company"})
        lead = self.lead(company_id=other.id, user_id=False, team_id=False)
        rule = self.rule(points=5, company_id=other.id)
        self.env.cr.flush()
        manager = new_test_user(self.env, "score_foreign", groups="sales_team.group_sale_manager")
        self.assertFalse(self.Score.with_user(manager).search([("lead_id", "=", lead.id)]))
        self.assertFalse(self.env["crm.lead.score.history"].with_user(manager).search([("lead_id", "=", lead.id)]))
        self.assertFalse(self.Rule.with_user(manager).search([("id", "=", rule.id)]))

    def test_a_salesperson_without_rights_on_rules_may_save_leads(self):
        self.rule(points=30)
        seller = new_test_user(self.env, "score_saver", groups="sales_team.group_sale_salesman")
        lead = self.env["crm.lead"].with_user(seller).create({"name": "Mine"})
        self.assertEqual(lead.fit_score, 30)

    def test_the_database_has_one_row_a_lead(self):
        lead = self.lead()
        self.rule(points=30)
        self.Score._refresh_leads(lead.ids)
        self.Score._refresh_many(self.company, SQL("l.id = %s", lead.id))
        self.assertEqual(self.Score.search_count([("lead_id", "=", lead.id)]), 1)
