from odoo import fields
from odoo.addons.crm_plus_followup.tests.followup.common import FollowupCase
from odoo.exceptions import ValidationError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestFollowupSms(FollowupCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.env.ref("base.us")
        cls.first, cls.second, cls.third = cls.customers(3, country_id=cls.env.ref("base.us").id)
        cls.first.phone = "+1 202 555 0101"
        cls.second.phone = "+1 202 555 0102"
        cls.template = cls.env["sms.template"].create(
            {"name": "Hello", "model_id": cls.env["ir.model"]._get_id("res.partner"), "body": "Hi {{ object.name }}"}
        )

    def step(self, **values):
        return {"kind": "sms", "sms_template_id": self.template.id, **values}

    def sms(self, *partners):
        return self.env["sms.sms"].search([("partner_id", "in", [partner.id for partner in partners])])

    def test_whoever_can_be_reached_gets_one_and_the_others_are_told_about(self):
        self.env["phone.blacklist"]._add([self.second.phone_sanitized])
        rule = self.rule(self.step(), stop_optout=False)
        self.follow(rule)
        sent = self.sms(self.first, self.second, self.third)
        self.assertEqual(sent.partner_id, self.first)
        self.assertEqual((sent.state, sent.number), ("outgoing", "+12025550101"))
        self.assertIn(self.first.name, sent.body)
        events = {event.partner_id: event for event in self.events.search([("rule_id", "=", rule.id)])}
        self.assertEqual(events[self.first].kind, "sms")
        self.assertIn("opted out", events[self.second].summary)
        self.assertIn("no phone number", events[self.third].summary)
        self.follow(rule)
        self.assertEqual(len(self.sms(self.first)), 1)

    def test_whoever_opts_out_of_sms_is_stopped(self):
        rule = self.rule({"kind": "wait", "delay_days": 3}, self.step())
        self.follow(rule)
        self.env["phone.blacklist"]._add([self.first.phone_sanitized])
        self.work()
        run = self.run_of(rule, self.first)
        self.assertEqual((run.state, run.reason), ("stopped", "optout"))
        self.assertEqual(self.run_of(rule, self.second).state, "open")

    def test_the_copy_in_the_chatter_names_no_amounts(self):
        self.template.body = "You bring {{ object.lifetime_value or 'much' }}"
        self.env.cr.execute("UPDATE crm_customer_profile SET clv = 7777 WHERE partner_id = %s", (self.first.id,))
        self.env.invalidate_all()
        self.follow(self.rule(self.step()))
        sent = self.sms(self.first)
        self.assertIn("7777", sent.body)
        self.assertIn("You bring much", sent.mail_message_id.body)

    def test_it_counts_once_as_a_contact(self):
        self.policy.cap_week = 1
        self.follow(self.rule(self.step()))
        self.env.flush_all()
        self.assertEqual(len(self.sms(self.first)), 1)
        other = self.rule(self.step(), name="Other")
        self.follow(other)
        self.assertEqual(len(self.sms(self.first)), 1)
        self.assertIn("contacted 1 times", self.run_of(other, self.first).note)

    def test_quiet_hours_hold_it_back(self):
        hour = fields.Datetime.now().hour
        self.policy.write({"quiet_from": hour, "quiet_to": (hour + 2) % 24})
        (self.first | self.second | self.third).tz = "UTC"
        rule = self.rule(self.step())
        self.follow(rule)
        self.assertFalse(self.sms(self.first))
        self.assertTrue(self.run_of(rule, self.first).note)

    def test_a_lead_without_a_customer_gets_it_by_its_own_number(self):
        lead = self.env["crm.lead"].create(
            {"name": "Lead", "company_id": self.company.id, "phone": "+1 202 555 0109",
             "country_id": self.env.ref("base.us").id}
        )  # fmt: skip
        audience = self.audience(kind="lead", domain=repr([("id", "=", lead.id)]))
        self.template.model_id = self.env["ir.model"]._get_id("crm.lead")
        self.follow(self.rule(self.step(), audience=audience))
        self.assertEqual(self.env["sms.sms"].search([("number", "=", "+12025550109")]).mapped("state"), ["outgoing"])

    def test_a_step_needs_a_template_for_its_documents(self):
        with self.assertRaisesRegex(ValidationError, "SMS template"):
            self.rule({"kind": "sms"})
        self.template.model_id = self.env["ir.model"]._get_id("crm.lead")
        with self.assertRaisesRegex(ValidationError, "SMS template"):
            self.rule(self.step())

    def test_the_step_goes_with_its_app(self):
        self.assert_goes_with_its_app(self.step())
