from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.misc import format_date

from .common import FollowupCase

WORK = "odoo.addons.crm_plus_followup.services.followup.work"


@tagged("post_install", "-at_install")
class TestFollowupSteps(FollowupCase):
    """What each kind of step does."""

    def test_what_is_written_of_the_last_order_names_the_day_of_the_company(self):
        self.company.partner_id.tz = "Asia/Tehran"
        [customer] = self.customers(1)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_customer_profile SET last_order_date = '2026-03-01 21:00:00' WHERE partner_id = %s",
            [customer.id],
        )
        self.env.invalidate_all()
        day = format_date(self.env, "2026-03-02")
        elsewhere = customer.with_context(tz="America/Los_Angeles").with_company(self.company)
        self.assertEqual(elsewhere.crm_text_last_order, day)
        self.follow(self.rule().with_context(tz="America/Los_Angeles"))
        self.assertIn(day, self.env["mail.activity"].search([("res_id", "=", customer.id)], limit=1).note)

    def template(self, **values):
        return self.env["mail.template"].create(
            {
                "name": "Hello",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "subject": "Hello {{ object.name }}",
                "body_html": "<p>We miss you</p>",
                **values,
            }
        )

    def test_steps_come_one_after_another_with_their_delays(self):
        [partner] = self.customers(1)
        tag = self.env["res.partner.category"].create({"name": "Followed"})
        rule = self.rule(
            {"kind": "tag", "tag_id": tag.id},
            {"kind": "wait", "delay_days": 3},
            {"kind": "activity", "activity_type_id": self.call.id, "summary": "Ask", "note": "Ask how it went."},
        )
        self.follow(rule)
        self.assertEqual(partner.category_id, tag)
        run = self.run_of(rule, partner)
        self.assertEqual((run.state, run.step_id), ("open", rule.step_ids[1]))
        self.let_pass(run, 4)
        self.work()
        activity = self.activities(partner)
        self.assertEqual(activity.summary, "Ask")
        self.assertIn("Ask how it went.", activity.note)
        self.assertFalse(run.step_id)

    def test_the_due_date_of_the_activity_type_is_respected(self):
        [partner] = self.customers(1)
        kind = self.env["mail.activity.type"].create({"name": "Later", "delay_count": 12, "delay_unit": "days"})
        self.follow(self.rule({"kind": "activity", "activity_type_id": kind.id}))
        activity = self.activities(partner)
        self.assertEqual((activity.date_deadline - activity.create_date.date()).days, 12)

    def test_an_email_is_queued_for_the_addressee_and_shown(self):
        reached, without, blocked = self.customers(3)
        without.email = False
        self.env["mail.blacklist"]._add(blocked.email)
        rule = self.rule({"kind": "email", "template_id": self.template().id}, stop_optout=False)
        self.follow(rule)
        message = self.env["mail.message"].search([("model", "=", "res.partner"), ("res_id", "=", reached.id),
                                                   ("subject", "=", f"Hello {reached.name}")])  # fmt: skip
        self.assertEqual(len(message), 1)
        self.assertEqual(message.notified_partner_ids, reached)
        mail = self.env["mail.mail"].search([("mail_message_id", "=", message.id)])
        self.assertEqual(mail.state, "outgoing")
        # it leaves now: the queue's next hour may be a quiet one
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action")
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id), ("call_at", "<=", "now")]))
        left_out = {event.partner_id: event.summary for event in self.events.search([("kind", "=", "skipped")])}
        self.assertIn("no email address", left_out[without])
        self.assertIn("opted out", left_out[blocked])

    def test_emails_with_a_document_go_in_small_transactions(self):
        partners = self.customers(25)
        template = self.template()
        template.report_template_ids = self.env.ref("crm_plus.report_customer_visit_action")
        rule = self.rule({"kind": "email", "template_id": template.id})
        rule._evaluate()
        with patch.object(
            type(template),
            "_generate_template_attachments",
            lambda _self, _ids, _fields, render_results: render_results,
        ):
            rule._work_next(self.company)
            sent = self.events.search_count([("rule_id", "=", rule.id), ("kind", "=", "email")])
            self.assertTrue(0 < sent < len(partners), sent)
            self.work()
        self.assertEqual(self.events.search_count([("rule_id", "=", rule.id), ("kind", "=", "email")]), len(partners))

    def test_the_next_follow_up_of_a_lead_is_about_the_customer_it_has_then(self):
        before, now = self.customers(2)
        lead = self.env["crm.lead"].create({"name": "Lead", "company_id": self.company.id, "partner_id": before.id})
        audience = self.audience(kind="lead", domain=repr([("id", "=", lead.id)]))
        rule = self.rule({"kind": "wait"}, audience=audience, trigger="silent", silent_days=1, pause_days=1)
        self.follow(rule)
        self.let_pass(self.runs.search([("rule_id", "=", rule.id)]), 2)
        lead.partner_id = now
        self.follow(rule)
        runs = self.runs.search([("rule_id", "=", rule.id)], order="id")
        self.assertEqual([run.partner_id for run in runs], [before, now])

    def test_a_lead_that_gets_another_customer_on_the_way_is_followed_up_with_that_one(self):
        before, now = self.customers(2)
        lead = self.env["crm.lead"].create({"name": "Lead", "company_id": self.company.id, "partner_id": before.id})
        template = self.template()
        template.write({"model_id": self.env["ir.model"]._get_id("crm.lead"), "subject": "Hello"})
        audience = self.audience(kind="lead", domain=repr([("id", "=", lead.id)]))
        email = {"kind": "email", "template_id": template.id, "delay_days": 2}
        rule = self.rule({"kind": "wait"}, email, email, audience=audience)
        self.follow(rule)
        run = self.runs.search([("rule_id", "=", rule.id)])
        for partner, found in ((now, now), (False, self.env["res.partner"])):
            lead.partner_id = partner
            self.let_pass(run, 2)
            self.work()
            event = run.event_ids.sorted("id")[-1:]
            self.assertEqual((event.kind, event.partner_id), ("email", found))
            self.assertEqual(self.env["mail.message"].browse(event.message_ref).notified_partner_ids, found)

    def test_a_lead_without_a_customer_gets_it_by_its_own_address(self):
        lead, blocked = self.env["crm.lead"].create(
            [
                {"name": name, "company_id": self.company.id, "email_from": f"{name}@leads.example"}
                for name in ("willing", "blocked")
            ]
        )
        self.env["mail.blacklist"]._add("blocked@leads.example")
        audience = self.audience(kind="lead", domain=repr([("id", "in", (lead | blocked).ids)]))
        template = self.template()
        template.model_id = self.env["ir.model"]._get_id("crm.lead")
        step = {"kind": "email", "template_id": template.id}
        rule = self.rule(step, audience=audience, stop_optout=False)
        self.follow(rule)
        events = {event.lead_id: event for event in self.events.search([("rule_id", "=", rule.id)])}
        self.assertIn("opted out", events[blocked].summary)
        message = self.env["mail.message"].browse(events[lead].message_ref)
        self.assertEqual(message.subject, "Hello willing")
        mail = self.env["mail.mail"].search([("mail_message_id", "=", message.id)])
        self.assertIn("willing@leads.example", mail.email_to)
        self.assertEqual(mail.state, "outgoing")
        # it counts as a contact of the lead
        self.policy.cap_week = 1
        other = self.rule(step, audience=audience, stop_optout=False, name="Other")
        self.follow(other)
        held = self.runs.search([("rule_id", "=", other.id), ("lead_id", "=", lead.id)])
        self.assertIn("contacted 1 times", held.note)

    def test_the_copy_in_the_chatter_names_no_amounts(self):
        [partner] = self.customers(1)
        self.env.cr.execute("UPDATE crm_customer_profile SET clv = 7777 WHERE partner_id = %s", (partner.id,))
        self.env.invalidate_all()
        template = self.template()
        template.body_html = "<p>You bring <t t-out=\"object.lifetime_value or 'much'\"/></p>"
        rule = self.rule({"kind": "email", "template_id": template.id})
        self.follow(rule)
        message = self.env["mail.message"].browse(self.events.search([("rule_id", "=", rule.id)]).message_ref)
        mail = self.env["mail.mail"].search([("mail_message_id", "=", message.id)])
        self.assertIn("7777", mail.body_html)
        self.assertIn("You bring much", message.body)
        template.subject = "{{ object.lifetime_value }}"
        again = self.rule({"kind": "email", "template_id": template.id}, name="Again")
        with mute_logger(WORK):
            self.follow(again)
        run = self.run_of(again, partner)
        self.assertEqual(run.state, "failed")
        self.assertIn("names an amount", run.error)

    def test_one_failing_customer_stops_only_themselves_and_is_tried_again(self):
        partners = self.customers(5)
        bad = partners[2]
        rule = self.rule({"kind": "email", "template_id": self.template().id})
        post = type(self.env["res.partner"]).message_post_with_source

        def fails(records, *given, **values):
            if records == bad:
                raise ValueError("this address cannot be rendered")
            return post(records, *given, **values)

        with patch.object(type(self.env["res.partner"]), "message_post_with_source", fails), mute_logger(WORK):
            self.follow(rule)
        states = {run.partner_id: run.state for run in self.runs.search([("rule_id", "=", rule.id)])}
        self.assertEqual(states, {partner: "failed" if partner == bad else "done" for partner in partners})
        run = self.run_of(rule, bad)
        self.assertIn("cannot be rendered", run.error)
        self.assertEqual(rule.failed_count, 1)
        run.action_retry()
        self.work()
        self.assertEqual(run.state, "done")

    def test_a_branch_leads_elsewhere(self):
        first, second = self.customers(2)
        tags = self.env["res.partner.category"].create([{"name": "Yes"}, {"name": "No"}])
        first.comment = "special"
        rule = self.rule(
            {"kind": "branch", "domain": repr([("partner_id.comment", "!=", False)])},
            {"kind": "tag", "tag_id": tags[0].id},
            {"kind": "tag", "tag_id": tags[1].id},
            state="draft",
        )
        rule.step_ids[0].else_step_id = rule.step_ids[2]
        rule.action_activate()
        self.follow(rule)
        self.assertEqual((first.category_id, second.category_id), (tags, tags[1]))

    def test_a_plan_and_a_server_action(self):
        [partner] = self.customers(1)
        plan = self.env["mail.activity.plan"].create(
            {
                "name": "Care",
                "res_model": "res.partner",
                "template_ids": [
                    (0, 0, {"activity_type_id": self.call.id, "responsible_type": "on_demand", "summary": "First"})
                ],
            }
        )
        action = self.env["ir.actions.server"].create(
            {
                "name": "Note it",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": "records.write({'ref': 'noted'})",
            }
        )
        self.follow(self.rule({"kind": "plan", "plan_id": plan.id}, {"kind": "action", "action_id": action.id}))
        self.assertEqual(self.activities(partner).user_id, self.seller)
        self.assertEqual(partner.ref, "noted")
        self.let_pass(self.runs.search([("partner_id", "=", partner.id)]), 2)
        self.heard(partner, channel="email", direction="in")
        self.work()
        self.assertFalse(self.activities(partner))

    def test_nobody_responsible_is_told_and_the_rest_goes_on(self):
        [partner] = self.customers(1, user_id=False)
        tag = self.env["res.partner.category"].create({"name": "Gone on"})
        rule = self.rule(
            {"kind": "activity", "activity_type_id": self.call.id}, {"kind": "tag", "tag_id": tag.id}, user_id=False
        )
        self.follow(rule)
        self.assertEqual(partner.category_id, tag)
        skipped = self.events.search([("rule_id", "=", rule.id), ("kind", "=", "skipped")])
        self.assertIn("nobody is responsible", skipped.summary)
        fallback = self.rule(name="With a fallback", user_id=self.chief.id)
        self.follow(fallback)
        self.assertEqual(self.activities(partner).user_id, self.chief)
