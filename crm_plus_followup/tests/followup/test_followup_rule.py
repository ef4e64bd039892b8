from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from .common import FollowupCase


@tagged("post_install", "-at_install")
class TestFollowupRule(FollowupCase):
    """Whom a rule reaches, when, and when it stops."""

    def test_who_enters_is_reached_once_and_who_was_there_before_is_not(self):
        first, second = self.customers(2)
        audience = self.audience(domain=repr([("order_count", ">", 1)]))
        self.order(second)
        self.refresh()
        rule = self.rule(audience=audience, include_present=False)
        self.follow(rule)
        self.assertFalse(self.runs.search([("rule_id", "=", rule.id)]))
        self.order(first)
        self.refresh()
        self.follow(rule)
        self.follow(rule)
        run = self.runs.search([("rule_id", "=", rule.id)])
        self.assertEqual((run.partner_id, run.state, run.step_id.ids), (first, "open", []))
        activity = self.activities(first)
        self.assertEqual((activity.user_id, activity.activity_type_id), (self.seller, self.call))
        self.assertIn("Win back", activity.summary)
        self.assertIn("Last order", activity.note)
        self.assertEqual(rule.reached_count, 1)
        activity.action_feedback(feedback="Called")
        self.work()
        self.assertEqual(run.state, "done")

    def test_what_the_last_step_asked_for_is_closed_when_it_is_no_longer_needed(self):
        [partner] = self.customers(1)
        rule = self.rule()
        self.follow(rule)
        self.let_pass(self.run_of(rule, partner), 2)
        self.heard(partner, channel="email", direction="in")
        self.work()
        run = self.run_of(rule, partner)
        self.assertEqual((run.state, run.reason), ("stopped", "reply"))
        self.assertFalse(self.activities(partner))

    def test_the_timeline_names_the_rule(self):
        [partner] = self.customers(1)
        self.follow(self.rule())
        self.check()
        entries = self.env["crm.interaction"].search(
            [("partner_id", "=", partner.id), ("source_id", "=", self.env.ref("crm_plus_followup.source_followup").id)]
        )
        self.assertEqual(len(entries), 1)
        self.assertIn("Win back", entries.name)
        self.assertFalse(entries.channel_id.is_contact)

    def test_who_leaves_and_comes_back_is_reached_again_after_the_pause_only(self):
        [partner] = self.customers(1)
        audience = self.audience(domain=repr([("partner_id.comment", "=", False)]))
        rule = self.rule(audience=audience)
        self.follow(rule)
        for _again in range(2):
            partner.comment = "elsewhere"
            self.follow(rule)
            partner.comment = False
            self.follow(rule)
        self.assertEqual(len(self.run_of(rule, partner)), 1)
        self.let_pass(self.run_of(rule, partner), 31)
        partner.comment = "elsewhere"
        self.follow(rule)
        partner.comment = False
        self.follow(rule)
        self.assertEqual(len(self.run_of(rule, partner)), 2)

    def test_who_was_called_yesterday_is_not_silent(self):
        called, silent = self.customers(2)
        self.heard(called, days=1)
        self.heard(silent, days=100)
        phone = self.env.ref("crm_plus.channel_phone")
        rule = self.rule(trigger="silent", silent_days=60, channel_ids=[(6, 0, phone.ids)])
        self.follow(rule)
        self.assertEqual(self.runs.search([("rule_id", "=", rule.id)]).partner_id, silent)

    def test_on_a_date_before_it_and_every_year(self):
        today = self.company._crm_plus_today()
        soon, late, never = self.customers(3)
        audience = self.audience(kind="contact", domain=repr([("id", "in", (soon | late | never).ids)]))
        lead = self.env["crm.lead"].create(
            {"name": "Deadline", "company_id": self.company.id, "date_deadline": today + timedelta(days=7)}
        )
        leads = self.audience(kind="lead", domain=repr([("id", "=", lead.id)]))
        rule = self.rule(audience=leads, trigger="date", date_field="date_deadline", date_offset=-7)
        self.follow(rule)
        self.assertEqual(self.runs.search([("rule_id", "=", rule.id)]).lead_id, lead)
        self.assertTrue(self.activities(lead))
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = %s WHERE id = %s",
            (fields.Datetime.now() - timedelta(days=400), late.id),
        )
        self.env.invalidate_all()
        yearly = self.rule(
            audience=audience, trigger="date", date_field="create_date", date_offset=0, yearly=True, name="Birthday"
        )
        self.follow(yearly)
        self.assertEqual(self.runs.search([("rule_id", "=", yearly.id)]).partner_id, soon | never)

    def test_when_overdue_and_when_a_number_is_reached(self):
        first, second = self.customers(2)
        self.env.cr.execute(
            "UPDATE crm_customer_profile SET overdue_date = %s WHERE partner_id = %s",
            (self.company._crm_plus_today() - timedelta(days=3), first.id),
        )
        self.env.cr.execute("UPDATE crm_customer_profile SET churn_risk = 80 WHERE partner_id = %s", (second.id,))
        self.env.invalidate_all()
        overdue = self.rule(trigger="overdue")
        risky = self.rule(trigger="number", number_field="churn_risk", number_limit=50, name="Risky")
        self.follow()
        self.assertEqual(self.runs.search([("rule_id", "=", overdue.id)]).partner_id, first)
        self.assertEqual(self.runs.search([("rule_id", "=", risky.id)]).partner_id, second)

    def test_an_unanswered_message_waits_for_working_hours(self):
        waiting, answered, fresh = self.customers(3)
        self.heard(waiting, channel="email", direction="in", days=10)
        self.heard(answered, channel="email", direction="in", days=10)
        self.heard(answered, channel="phone", direction="out", days=9)
        self.heard(fresh, channel="email", direction="in")
        rule = self.rule(trigger="unanswered", working_hours=8)
        self.follow(rule)
        self.assertEqual(self.runs.search([("rule_id", "=", rule.id)]).partner_id, waiting)

    def test_its_page_says_who_waits_and_why_others_stopped(self):
        partners = self.customers(4)
        self.policy.cap_week = 1
        self.heard(partners[0], days=2)
        rule = self.rule()
        self.follow(rule)
        self.let_pass(self.runs.search([("rule_id", "=", rule.id)]), 1)
        for partner in partners[1:3]:
            self.heard(partner, channel="email", direction="in")
        self.order(partners[3])
        self.refresh()
        self.work()
        self.assertEqual(rule.held_back_count, 1)
        self.assertEqual((rule.stopped_count, rule.stopped_text), (3, "Replied: 2, Ordered: 1"))

    def test_when_a_grade_is_reached(self):
        leads = self.env["crm.lead"].create(
            [
                {"name": name, "company_id": self.company.id, "user_id": self.seller.id}
                for name in ("A1", "B2", "B3", "C1")
            ]
        )
        self.env.cr.flush()
        for lead in leads:
            score = self.env["crm.lead.score"].search([("lead_id", "=", lead.id)])
            (score or score.create({"lead_id": lead.id})).lead_grade = lead.name
        self.env.flush_all()
        audience = self.audience(kind="lead", domain=repr([("id", "in", leads.ids)]))
        rule = self.rule(audience=audience, trigger="grade", include_present=False)
        self.follow(rule)
        self.assertFalse(self.runs.search([("rule_id", "=", rule.id)]), "who has it already is not reached")
        self.env["crm.lead.score"].search([("lead_id", "=", leads[3].id)]).lead_grade = "A2"
        self.follow(rule)
        self.assertEqual(self.runs.search([("rule_id", "=", rule.id)]).lead_id, leads[3])
        everybody = self.rule(audience=audience, trigger="grade", name="All")
        self.follow(everybody)
        found = self.runs.search([("rule_id", "=", everybody.id)]).lead_id
        self.assertEqual(set(found.mapped("name")), {"A1", "B2", "C1"})
        with self.assertRaisesRegex(ValidationError, "grade"):
            self.rule(trigger="grade")

    def test_it_stops_on_facts_and_closes_what_is_open(self):
        replied, ordered, opted, left, stays = partners = self.customers(5)
        audience = self.audience(domain=repr([("partner_id.comment", "=", False)]))
        rule = self.rule(
            {"kind": "activity", "activity_type_id": self.call.id},
            {"kind": "wait", "delay_days": 30},
            audience=audience,
        )
        self.follow(rule)
        self.let_pass(self.runs.search([("rule_id", "=", rule.id)]), 2)
        self.heard(replied, channel="email", direction="in")
        self.order(ordered)
        self.refresh()
        self.env["mail.blacklist"]._add(opted.email)
        left.comment = "gone"
        self.assertEqual(len(self.activities(partners)), 5)
        self.follow(rule)
        reasons = {run.partner_id: run.reason for run in self.runs.search([("rule_id", "=", rule.id)])}
        expected = {replied: "reply", ordered: "order", opted: "optout", left: "left", stays: False}
        self.assertEqual(reasons, expected)
        self.assertEqual(self.activities(partners).mapped("res_id"), stays.ids)
        told = self.events.search([("partner_id", "=", replied.id), ("kind", "=", "stopped")])
        self.assertIn("Replied", told.summary)

    def test_a_closed_deal_stops_it(self):
        lead = self.env["crm.lead"].create({"name": "Deal", "type": "opportunity", "company_id": self.company.id})
        audience = self.audience(kind="lead", domain=repr([("id", "=", lead.id)]))
        rule = self.rule({"kind": "wait", "delay_days": 9}, audience=audience, stop_leave=False)
        self.follow(rule)
        lead.action_set_won()
        self.work()
        self.assertEqual(self.runs.search([("lead_id", "=", lead.id)]).reason, "closed")

    def test_a_test_run_records_everything_and_does_nothing(self):
        [partner] = self.customers(1)
        rule = self.rule(state="shadow", holdout_percent=50)
        self.follow(rule)
        run = self.run_of(rule, partner)
        self.assertEqual((run.shadow, run.state), (True, "done"))
        self.assertTrue(run.event_ids)
        self.assertFalse(self.activities(partner))
        self.check()
        self.assertFalse(
            self.env["crm.interaction"].search([("source_id.code", "=", "followup"), ("partner_id", "=", partner.id)])
        )
        rule.write({"holdout_percent": 0, "state": "active"})
        self.follow(rule)
        self.assertTrue(self.activities(partner))

    def test_a_paused_rule_waits_and_a_draft_stops(self):
        [partner] = self.customers(1)
        rule = self.rule({"kind": "wait", "delay_days": 1}, {"kind": "activity", "activity_type_id": self.call.id})
        self.follow(rule)
        self.let_pass(self.run_of(rule, partner), 2)
        rule.action_pause()
        self.work()
        self.assertFalse(self.activities(partner))
        rule.action_activate()
        self.work()
        self.assertTrue(self.activities(partner))
        rule.action_draft()
        self.assertEqual(self.run_of(rule, partner).reason, "rule")
        self.assertFalse(self.activities(partner))

    def test_the_preview_says_what_happens_and_keeps_nothing_of_it(self):
        self.customers(10)
        rule = self.rule(state="draft", holdout_percent=20)
        self.policy.capacity = 3
        preview = self.env["crm.followup.preview"].create({"rule_id": rule.id})
        self.assertEqual((preview.present_count, preview.reached_count, preview.held_out_count), (10, 8, 2))
        self.assertRegex(preview.load, "followup_seller.*: 3")
        self.assertIn(": 5", preview.held_back)
        self.assertEqual(rule.state, "draft")
        self.assertFalse(self.runs.search([("rule_id", "=", rule.id)]))
        self.assertFalse(rule.evaluated_date)

    def test_the_preview_of_a_rule_without_steps_reaches_nobody(self):
        self.customers(2)
        rule = self.rule(state="draft", step_ids=[])
        preview = self.env["crm.followup.preview"].create({"rule_id": rule.id})
        self.assertEqual((preview.present_count, preview.reached_count), (0, 0))

    def test_rules_that_cannot_work_are_refused(self):
        with self.assertRaises(ValidationError):
            self.rule(step_ids=[])
        with self.assertRaises(ValidationError):
            self.rule({"kind": "email"})
        with self.assertRaises(ValidationError):
            self.rule(trigger="overdue", audience=self.audience(kind="lead"))
        for trigger in ("date", "number"):
            with self.assertRaises(ValidationError):
                self.rule(trigger=trigger)
        template = self.env["mail.template"].create(
            {"name": "For leads", "model_id": self.env["ir.model"]._get_id("crm.lead")}
        )
        with self.assertRaises(ValidationError):
            self.rule({"kind": "email", "template_id": template.id})
        with self.assertRaises(AccessError):
            self.env["crm.followup.rule"].with_user(self.seller).search([])
        self.customers(1)
        rule = self.rule()
        self.follow(rule)
        with self.assertRaises(UserError):
            rule.unlink()

    def test_nothing_ships_that_contacts_anybody(self):
        self.assertFalse(self.env["ir.model.data"].search([("model", "in", ("crm.followup.rule", "crm.audience"))]))
        self.assertEqual(self.env["crm.followup.rule"].new().state, "draft")

    def test_a_copy_of_the_database_contacts_nobody(self):
        [partner] = self.customers(1)
        rule = self.rule()
        self.env.flush_all()
        for query in get_neutralization_queries(["crm_plus_followup"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.follow(rule)
        self.assertEqual(rule.state, "paused")
        self.assertFalse(self.run_of(rule, partner))

    def test_merged_customers_stay_in_the_rule_once(self):
        first, second = self.customers(2)
        rule = self.rule({"kind": "wait", "delay_days": 5})
        self.follow(rule)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([first.id, second.id], second)
        runs = self.runs.search([("rule_id", "=", rule.id)])
        self.assertEqual((runs.partner_id, runs.state), (second, "open"))
