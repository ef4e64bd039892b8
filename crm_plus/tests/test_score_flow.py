from ast import literal_eval

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import SQL

from .score_common import ScoreCase


@tagged("post_install", "-at_install")
class TestHotLeads(ScoreCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(cls.env, "score_seller", groups="sales_team.group_sale_salesman")
        cls.env["crm.lead"].search([]).action_archive()
        cls.Score.search([]).unlink()
        cls.company.write(
            {
                "crm_plus_hot_score": 40,
                "crm_plus_fit_weight": 100,
                "crm_plus_hot_activity_type_id": cls.env.ref("mail.mail_activity_data_call").id,
            }
        )
        for level, points in (("1", 30), ("2", 50), ("3", 37)):
            cls.rule(points=points, domain=f"[('priority', '=', '{level}')]")

    def announce(self):
        self.env.cr.flush()
        with self.enter_registry_test_mode():
            self.env.ref("crm_plus.ir_cron_touched_scores").method_direct_trigger()
        self.env.invalidate_all()

    def test_a_lead_that_becomes_hot_is_announced_once(self):
        lead = self.lead(user_id=self.seller.id, priority="1")
        self.announce()
        self.assertFalse(lead.activity_ids)
        lead.priority = "2"
        self.announce()
        self.assertTrue(lead.is_hot)
        self.assertEqual(lead.activity_ids.user_id, self.seller)
        self.assertIn("50", lead.activity_ids.summary)
        lead.priority = "3"  # just below the threshold, not cold
        lead.priority = "2"
        self.announce()
        self.assertEqual(len(lead.activity_ids), 1)

    def test_a_lead_that_was_cold_is_announced_again(self):
        lead = self.lead(user_id=self.seller.id, priority="2")
        self.announce()
        lead.priority = "1"
        self.assertFalse(lead.is_hot)
        lead.priority = "2"
        self.announce()
        self.assertEqual(len(lead.activity_ids), 2)

    def test_without_an_activity_type_nobody_is_disturbed(self):
        self.company.crm_plus_hot_activity_type_id = False
        lead = self.lead(user_id=self.seller.id, priority="2")
        self.announce()
        self.assertTrue(lead.is_hot)
        self.company.crm_plus_hot_activity_type_id = self.env.ref("mail.mail_activity_data_call")
        self.announce()
        self.assertFalse(lead.activity_ids)

    def test_an_unassigned_lead_is_announced_to_the_team_leader(self):
        team = self.env["crm.team"].create({"name": "Score team", "user_id": self.seller.id})
        lead = self.lead(user_id=False, team_id=team.id, priority="2")
        self.announce()
        self.assertEqual(lead.activity_ids.user_id, self.seller)

    def test_hot_leads_are_found(self):
        hot, cold = self.lead(priority="2"), self.lead(priority="1")
        both = [("id", "in", (hot + cold).ids)]
        self.assertEqual(self.env["crm.lead"].search([*both, ("is_hot", "=", True)]), hot)
        self.assertEqual(self.env["crm.lead"].search([*both, ("is_hot", "=", False)]), cold)
        self.assertEqual((hot + cold).filtered_domain([("hot_date", ">=", "today -1d")]), hot)

    def test_the_digest_counts_them(self):
        self.lead(priority="2")
        self.env.cr.flush()
        digest = self.env["digest.digest"].create({"name": "D", "kpi_crm_plus_hot_leads": True})
        start = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        end = fields.Datetime.add(fields.Datetime.now(), days=1)
        digest = digest.with_context(start_datetime=start, end_datetime=end)
        self.assertEqual(digest.kpi_crm_plus_hot_leads_value, 1)

    def test_the_list_of_what_needs_attention_shows_the_most_valuable_first(self):
        small = self.lead(user_id=self.seller.id, priority="2", expected_revenue=100)
        large = self.lead(user_id=self.seller.id, priority="1", expected_revenue=1000)
        planned = self.lead(user_id=self.seller.id, priority="2", expected_revenue=9000)
        planned.activity_schedule("mail.mail_activity_data_call", fields.Date.add(fields.Date.today(), days=5))
        self.env.cr.flush()
        action = self.env["ir.actions.actions"]._for_xml_id("crm_plus.crm_lead_action_attention")
        leads = self.env["crm.lead"].with_user(self.seller)
        found = leads.web_search_read(
            fields.Domain(literal_eval(action["domain"])) & fields.Domain("user_id", "=", self.seller.id),
            {"attention_value": {}},
            order="attention_value desc",
        )["records"]
        self.assertEqual(found, [{"id": large.id, "attention_value": 300}, {"id": small.id, "attention_value": 50}])


@tagged("post_install", "-at_install")
class TestAssignment(ScoreCase):
    def test_the_assignment_of_the_host_sees_grade_and_score(self):
        self.rule(points=80, domain="[('priority', '=', '3')]")
        self.env["crm.lead"].search([]).action_archive()
        seller = new_test_user(self.env, "score_assigned", groups="sales_team.group_sale_salesman")
        self.env["ir.config_parameter"].sudo().set_param("crm.lead.auto.assignment", True)
        team = self.env["crm.team"].create(
            {"name": "Best leads", "assignment_domain": "[('lead_grade', '=like', 'A%'), ('lead_score', '>=', 40)]"}
        )
        member = {"user_id": seller.id, "crm_team_id": team.id, "assignment_max": 300}
        self.env["crm.team.member"].create(
            {
                **member,
                "assignment_domain": "[('fit_score', '>', 50)]",
                "assignment_domain_preferred": "[('is_hot', '=', False)]",
            }
        )
        values = {"type": "lead", "user_id": False, "team_id": False}
        good = self.lead(name="Good", priority="3", email_from="good@score.example", **values)
        poor = self.lead(name="Poor", priority="0", email_from="poor@score.example", **values)
        self.env.cr.flush()
        team._action_assign_leads(force_quota=True)
        self.assertEqual((good.team_id, good.user_id), (team, seller))
        self.assertFalse(poor.user_id)


@tagged("post_install", "-at_install")
class TestPreview(ScoreCase):
    def test_a_shadow_rule_counts_in_the_preview_only(self):
        lead = self.lead(priority="3")
        rule = self.rule(points=80, domain="[('priority', '=', '3'), ('name', '=', 'A lead')]", state="draft")
        self.assertEqual(lead.fit_score, 0)
        preview = self.env["crm.score.preview"].create({"rule_id": rule.id})
        self.assertEqual(preview.result["moves"], [["D4", "A4", 1]])
        self.assertEqual([row["id"] for row in preview.result["top"]], [lead.id])
        self.assertEqual(preview.result["top"][0]["change"], "+40.00")
        self.assertIn("D4 → A4", preview.summary)
        self.assertEqual(lead.fit_score, 0)
        preview.action_activate()
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

    def test_only_who_may_change_rules_may_preview_them(self):
        seller = new_test_user(self.env, "score_curious", groups="sales_team.group_sale_salesman_all_leads")
        with self.assertRaises(AccessError):
            self.Rule.with_user(seller).preview_rule({"name": "x", "domain": "[('id', '>', 0)]"})

    def test_the_capacity_gives_the_cut_off(self):
        self.env["crm.lead"].search([]).unlink()
        self.company.crm_plus_fit_weight = 100
        for level, points in (("1", 30), ("2", 50), ("3", 80)):
            self.rule(points=points, domain=f"[('priority', '=', '{level}')]")
        for level in "0112233":
            self.lead(priority=level)
        self.env.cr.flush()
        with Form(self.env["crm.score.capacity"]) as form:
            form.salespeople, form.leads_a_week, form.weeks = 1, 2, 2
        capacity = form.record
        self.assertEqual((capacity.cutoff, capacity.leads, capacity.arrived), (50, 4, 7))
        capacity.action_use_as_hot()
        self.assertEqual(self.company.crm_plus_hot_score, 50)


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
