from unittest import SkipTest

from odoo.addons.crm_plus_followup.tests.followup.common import FollowupCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestSmsAudience(FollowupCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not hasattr(cls.env["crm.audience"], "action_sms"):
            raise SkipTest("SMS Marketing is not installed")
        cls.first, cls.second, cls.third = cls.customers(3)
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
