from unittest import SkipTest

from odoo import fields
from odoo.addons.crm_plus_followup.tests.followup.common import FollowupCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestSmsAudience(FollowupCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not hasattr(cls.env["crm.audience"], "action_sms"):
            raise SkipTest("SMS Marketing is not installed")
        cls.company.country_id = cls.env.ref("base.us")
        cls.first, cls.second, cls.third = cls.customers(3, country_id=cls.env.ref("base.us").id)
        cls.marketer = cls.user("followup_marketer", "mass_mailing.group_mass_mailing_user")

    def test_sms_go_to_audiences_too(self):
        action = self.audience().with_user(self.marketer).action_sms()
        self.assertEqual(action["context"]["default_mailing_type"], "sms")
        self.first.write({"phone": "+1 202 555 0101"})
        self.second.write({"phone": "+1 202 555 0102"})
        self.env["phone.blacklist"]._add([self.second.phone_sanitized])
        mailing = self.env["mailing.mailing"].with_user(self.marketer).with_context(**action["context"])
        mailing = mailing.create({"subject": "News", "body_plaintext": "News"})
        self.assertEqual(len(mailing._get_recipients()), 3)
        for line in ("1 of 3 get it", "no phone number: 1", "opted out: 1"):
            self.assertIn(line, mailing.crm_audience_note)

    def test_a_segment_and_a_list_have_the_button(self):
        segment = self.profile(self.first).segment_id.with_company(self.company)
        action = segment.with_user(self.marketer).action_sms()
        self.assertEqual(action["context"]["default_mailing_type"], "sms")
        audience = self.env["crm.audience"].browse(action["context"]["default_crm_audience_id"])
        self.assertEqual(audience.segment_id, segment)

    def test_it_is_sent_in_the_company_of_its_audience(self):
        segment = self.profile(self.first).segment_id
        self.first.phone = "+1 202 555 0101"
        mailing = self.env["mailing.mailing"].create(
            {"subject": "News", "mailing_type": "sms", "crm_audience_id": self.audience().id, "user_id": self.chief.id,
             "body_plaintext": "In {{ object.crm_text_segment }}"}
        )  # fmt: skip
        mailing.with_context(allowed_company_ids=self.env.ref("base.main_company").ids)._action_send_mail()
        traces = self.env["mailing.trace"].search([("mass_mailing_id", "=", mailing.id), ("sms_number", "!=", False)])
        sent = self.env["sms.sms"].sudo().browse(traces.mapped("sms_id_int")).exists()
        self.assertEqual(sent.mapped("body"), [f"In {segment.name}"])

    def test_members_of_lists_are_the_customers_with_their_number(self):
        self.first.phone = "+1 202 555 0101"
        member = self.env["mailing.contact"].create({"name": "Member"})
        mailing = self.env["mailing.mailing"].create(
            {"subject": "News", "mailing_type": "sms", "crm_audience_id": self.audience().id, "body_plaintext": "News"}
        )
        self.env["mailing.trace"].create(
            {"mass_mailing_id": mailing.id, "model": "mailing.contact", "res_id": member.id, "trace_status": "sent",
             "trace_type": "sms", "sms_number": self.first.phone_sanitized, "sent_datetime": fields.Datetime.now()}
        )  # fmt: skip
        self.env.flush_all()
        rows = self.env["crm.campaign.return"].search([("mailing_id", "=", mailing.id)])
        self.assertEqual(rows.partner_id, self.first)
