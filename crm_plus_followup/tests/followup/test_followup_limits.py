from datetime import datetime, timedelta
from unittest.mock import patch

import pytz
from odoo import fields
from odoo.tests import tagged

from ...services.followup.limits import Limits, contacts
from .common import FollowupCase


@tagged("post_install", "-at_install")
class TestFollowupLimits(FollowupCase):
    """What holds a step back, over all rules."""

    def test_contacts_count_over_all_rules_and_channels(self):
        [partner] = self.customers(1)
        self.policy.cap_week = 2
        self.heard(partner, channel="email", days=3)
        first, second = self.rule(), self.rule(name="Second")
        self.follow()
        runs = self.runs.search([("partner_id", "=", partner.id)], order="id")
        self.assertEqual(len(self.activities(partner)), 1)
        held = runs.filtered("step_id")
        self.assertEqual((len(held), len(runs)), (1, 2))
        self.assertIn("contacted 2 times in 7 days", held.note)
        self.assertGreater(held.date_next, fields.Datetime.now())
        self.assertEqual(runs.rule_id, first | second)

    def test_what_is_held_back_is_dropped_if_the_rule_says_so(self):
        [partner] = self.customers(1)
        self.policy.cap_month = 1
        self.heard(partner, days=20)
        rule = self.rule(held_back="drop")
        self.follow(rule)
        run = self.run_of(rule, partner)
        self.assertEqual(run.state, "dropped")
        self.assertIn("30 days", run.note)
        self.assertFalse(self.activities(partner))

    def test_an_email_of_a_rule_counts_once(self):
        [partner] = self.customers(1)
        template = self.env["mail.template"].create(
            {"name": "Hi", "subject": "Hi", "body_html": "Hi", "model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        rule = self.rule({"kind": "email", "template_id": template.id})
        self.follow(rule)
        self.env["mail.notification"].search([("res_partner_id", "=", partner.id)]).notification_status = "sent"
        self.check()
        self.assertTrue(self.env["crm.interaction"].search([("partner_id", "=", partner.id), ("direction", "=", "out"),
                                                            ("source_id.code", "=", "email_out")]))  # fmt: skip
        limits = Limits(self.env, self.company, self.run_of(rule, partner))
        self.assertEqual(limits.contacts[partner.id], (1, 1))

    def test_an_email_to_several_contacts_of_a_customer_counts_once(self):
        [partner] = self.customers(1)
        people = self.env["res.partner"].create([{"name": f"C{n}", "parent_id": partner.id} for n in range(4)])
        self.env["crm.interaction"].sudo().create(
            [
                {
                    "partner_id": contact.id, "company_id": self.company.id, "direction": "out", "name": "Offer",
                    "channel_id": self.env.ref("crm_plus.channel_email").id, "shared_ref": "mail.message,7",
                    "date": fields.Datetime.now() - timedelta(hours=5),
                }
                for contact in people
            ]
        )  # fmt: skip
        self.env.flush_all()
        self.assertEqual(contacts(self.env, self.company, {partner.id}), {partner.id: (1, 1)})

    def test_quiet_hours_are_those_of_the_customer(self):
        here, there = self.customers(2)
        now = datetime.now(pytz.utc)
        zones = sorted(pytz.common_timezones, key=lambda name: now.astimezone(pytz.timezone(name)).hour)
        night = next(name for name in zones if now.astimezone(pytz.timezone(name)).hour == 2)
        day = next(name for name in zones if now.astimezone(pytz.timezone(name)).hour == 12)
        here.tz, there.tz = day, night
        self.policy.write({"quiet_from": 20, "quiet_to": 8})
        template = self.env["mail.template"].create(
            {"name": "Hi", "subject": "Hi", "body_html": "Hi", "model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        rule = self.rule({"kind": "email", "template_id": template.id})
        self.follow(rule)
        self.assertEqual(self.run_of(rule, here).state, "done")
        held = self.run_of(rule, there)
        self.assertEqual(held.state, "open")
        local = held.date_next.replace(tzinfo=pytz.utc).astimezone(pytz.timezone(night))
        self.assertEqual((local.hour, local.minute), (8, 0))

    def test_days_off_of_the_company(self):
        [partner] = self.customers(1)
        self.policy.working_days = True
        rule = self.rule()
        today = self.company._crm_plus_today()
        with patch.object(Limits, "days_off", {today, today + timedelta(days=1)}):
            self.follow(rule)
        run = self.run_of(rule, partner)
        self.assertEqual((run.state, bool(self.activities(partner))), ("open", False))
        self.assertEqual(self.company._crm_plus_day(run.date_next), today + timedelta(days=2))
        calendar = self.company.resource_calendar_id
        off = Limits(self.env, self.company, self.runs).days_off
        worked = {int(day) for day in calendar.attendance_ids.mapped("dayofweek")}
        self.assertEqual({day.weekday() for day in off}, set(range(7)) - worked)

    def test_a_salesperson_gets_so_many_a_day_the_most_valuable_first(self):
        partners = self.customers(6)
        for number, partner in enumerate(partners):
            self.order(partner, amount=1000 * (number + 1))
        self.refresh()
        self.policy.capacity = 2
        rule = self.rule()
        self.follow(rule)
        self.assertEqual(set(self.activities(partners).mapped("res_id")), set(partners[4:].ids))
        held = self.runs.search([("rule_id", "=", rule.id), ("step_id", "!=", False)])
        self.assertEqual(len(held), 4)
        self.assertIn("enough to do", held[0].note)
        self.work()
        self.assertEqual(len(self.activities(partners)), 2)
