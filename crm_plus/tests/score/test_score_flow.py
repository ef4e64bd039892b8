from ast import literal_eval
from unittest.mock import patch

from lxml import etree
from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import ScoreCase


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

    def test_a_lead_that_cannot_be_announced_keeps_no_other_waiting(self):
        """As when an automation of the company's own stumbles over the activity."""
        broken, sound = (self.lead(user_id=self.seller.id, priority="2") for _number in range(2))
        schedule = type(broken).activity_schedule

        def stumble(leads, *arguments, **values):
            if leads == broken:
                raise ZeroDivisionError("an automation")
            return schedule(leads, *arguments, **values)

        with (
            patch.object(type(broken), "activity_schedule", stumble),
            self.assertLogs("odoo.addons.crm_plus.models.score.crm_lead_score", "WARNING") as log,
        ):
            self.announce()
        self.assertIn(f"Lead {broken.id} is not announced as hot: an automation", log.output[0])
        self.assertEqual((len(broken.activity_ids), len(sound.activity_ids)), (0, 1))
        self.announce()
        self.assertFalse(broken.activity_ids)

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

    def test_a_lead_is_announced_when_somebody_becomes_responsible(self):
        lead = self.lead(user_id=False, team_id=False, priority="2")
        self.announce()
        self.assertFalse(lead.activity_ids)
        lead.user_id = self.seller
        self.announce()
        self.assertEqual(lead.activity_ids.user_id, self.seller)

    def test_who_has_left_is_not_told_but_the_team_leader(self):
        team = self.env["crm.team"].create({"name": "Score team", "user_id": self.seller.id})
        gone = new_test_user(self.env, "score_gone", groups="sales_team.group_sale_salesman")
        lead = self.lead(user_id=gone.id, team_id=team.id, priority="2")
        alone = self.lead(user_id=gone.id, team_id=False, priority="2")
        gone.active = False
        self.announce()
        self.assertEqual(lead.activity_ids.user_id, self.seller)
        self.assertTrue(self.Score.search([("lead_id", "=", alone.id)]).hot_to_announce)

    def test_a_merged_lead_that_was_announced_is_not_announced_again(self):
        told = self.lead(user_id=self.seller.id, priority="2")
        self.announce()
        since = told.hot_date
        self.assertEqual(len(told.activity_ids), 1)
        head = self.lead(user_id=self.seller.id, priority="1", probability=90)
        self.announce()
        merged = (told + head).merge_opportunity()
        merged.priority = "2"
        self.announce()
        self.assertEqual((merged, merged.hot_date), (head, since))
        self.assertEqual(len(merged.activity_ids), 1, "that of the lead it was merged with")

    def test_a_hot_lead_that_is_merged_before_it_was_announced_is_announced(self):
        hot = self.lead(user_id=self.seller.id, priority="2")
        head = self.lead(user_id=self.seller.id, priority="1", probability=90)
        self.env.cr.flush()
        merged = (hot + head).merge_opportunity()
        self.assertEqual(merged, head)
        merged.priority = "2"
        self.announce()
        self.assertEqual(len(merged.activity_ids), 1)

    def test_what_is_won_or_lost_is_not_hot_and_not_announced(self):
        won, lost = (self.lead(user_id=self.seller.id, priority="2") for _turn in range(2))
        self.env.cr.flush()
        self.assertTrue(won.is_hot and lost.is_hot)
        won.action_set_won()
        lost.action_set_lost()
        self.announce()
        self.assertFalse((won + lost).activity_ids)
        self.assertEqual((won + lost).mapped("is_hot"), [False, False])
        found = [("id", "in", (won + lost).ids), ("is_hot", "=", True)]
        self.assertFalse(self.env["crm.lead"].with_context(active_test=False).search(found))
        groups = (
            self.env["crm.lead"]
            .with_context(active_test=False)
            .formatted_read_group(found[:1], ["is_hot"], ["__count"])
        )
        self.assertEqual([(group["is_hot"], group["__count"]) for group in groups], [(False, 2)])
        lost.action_unarchive()
        self.assertTrue(lost.is_hot)

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
        action = digest._compute_kpis_actions(self.company, self.seller)["kpi_crm_plus_hot_leads"].split("?")[0]
        self.assertIn("'search_default_hot': 1", self.env.ref(action).context)
        clerk = self.env["res.users"].create(
            {"name": "Clerk", "login": "digest_clerk", "group_ids": [(6, 0, [self.env.ref("base.group_user").id])]}
        )
        digest.invalidate_recordset()
        with self.assertRaises(AccessError):
            digest.with_user(clerk).read(["kpi_crm_plus_hot_leads_value"])

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

    def test_what_needs_attention_is_in_the_same_order_as_cards(self):
        """On a telephone the host shows cards instead of a list."""
        action = self.env.ref("crm_plus.crm_lead_action_attention")
        self.assertEqual([mode for _view_id, mode in action.views], ["list", "kanban", "form"])
        view_id = next(view_id for view_id, mode in action.views if mode == "kanban")
        arch = etree.fromstring(self.env["crm.lead"].get_view(view_id, "kanban")["arch"])
        self.assertEqual(arch.get("default_order"), "attention_value desc, id")
        self.assertFalse(arch.get("default_group_by"))


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
