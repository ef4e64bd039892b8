from odoo.addons.crm_plus_followup.tests.followup.common import FollowupCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestMailingAudience(FollowupCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, cls.third = cls.customers(3)
        cls.marketer = cls.user("followup_marketer", "mass_mailing.group_mass_mailing_user")

    def mailing(self, audience, **values):
        return self.env["mailing.mailing"].create(
            {"subject": "News", "body_html": "<p>News</p>", "crm_audience_id": audience.id, **values}
        )

    def test_the_members_at_the_moment_of_sending_get_it(self):
        audience = self.audience(domain=repr([("order_count", ">", 1)]))
        mailing = self.mailing(audience)
        self.assertEqual(mailing.mailing_model_real, "res.partner")
        self.assertFalse(mailing._get_recipients())
        self.order(self.second)
        self.refresh()
        self.assertEqual(mailing._get_recipients(), self.second.ids)

    def test_it_says_whom_it_leaves_out(self):
        self.first.email = False
        self.env["mail.blacklist"]._add(self.second.email)
        mailing = self.mailing(self.audience())
        note = mailing.crm_audience_note
        self.assertIn("1 of 3 get it", note)
        self.assertIn("no email address: 1", note)
        self.assertIn("opted out: 1", note)
        self.policy.cap_week = 1
        self.heard(self.third, channel="email")
        mailing.invalidate_recordset()
        self.assertIn("contacted too often: 1", mailing.crm_audience_note)
        self.assertNotIn(self.third.id, mailing._get_recipients())
        mailing.crm_within_limits = False
        self.assertIn(self.third.id, mailing._get_recipients())

    def test_contacts_of_the_customer_and_leads(self):
        billing = self.env["res.partner"].create(
            {"name": "Billing", "parent_id": self.first.id, "type": "invoice", "email": "billing@followup.example"}
        )
        audience = self.audience(addressee="invoice")
        mailing = self.mailing(audience)
        self.assertEqual(set(mailing._get_recipients()), {billing.id, self.second.id, self.third.id})
        self.order(billing)
        audience.addressee = "orderer"
        self.assertEqual(set(mailing._get_recipients()), {billing.id, self.second.id, self.third.id})
        audience.addressee = "all"
        self.assertEqual(len(mailing._get_recipients()), 4)
        lead = self.env["crm.lead"].create({"name": "Lead", "company_id": self.company.id, "email_from": "l@x.example"})
        leads = self.audience(kind="lead", domain=repr([("id", "=", lead.id)]))
        to_leads = self.mailing(leads)
        self.assertEqual((to_leads.mailing_model_real, to_leads._get_recipients()), ("crm.lead", lead.ids))

    def test_marketing_needs_no_rights_in_sales(self):
        audience = self.audience()
        action = audience.with_user(self.marketer).action_mail()
        mailing = (
            self.env["mailing.mailing"]
            .with_user(self.marketer)
            .with_context(**action["context"])
            .create({"subject": "News", "body_html": "<p>News</p>"})
        )
        self.assertEqual(len(mailing._get_recipients()), 3)
        self.assertIn("3 of 3 get it", mailing.crm_audience_note)

    def test_it_is_sent_to_them(self):
        mailing = self.mailing(self.audience(), keep_archives=True)
        mailing.action_send_mail()
        sent = self.env["mailing.trace"].search([("mass_mailing_id", "=", mailing.id)])
        self.assertEqual(set(sent.mapped("res_id")), {self.first.id, self.second.id, self.third.id})

    def test_the_note_answers_no_question_that_its_reader_may_not_ask(self):
        """How many meet a condition tells what the condition reads: secrets of contacts, and figures of customers."""
        mailing = self.mailing(self.audience()).with_user(self.marketer)
        self.first.comment = "likes blue"
        mailing.mailing_domain = repr([("comment", "like", "blue")])
        self.assertIn("1 of 3 get it", mailing.crm_audience_note)
        for secret in (
            [("lifetime_value", ">", 0)],
            [("crm_profile_id.revenue", ">", 0)],
            [("interaction_ids.name", "like", "x")],
            [("user_ids.signature", "like", "x"), ("opportunity_ids.name", "like", "x")],
            [("sale_order_ids.amount_total", ">", 0)],
        ):
            for negated in (secret, ["!", *secret]):
                with self.subTest(negated):
                    mailing.mailing_domain = repr(negated)
                    mailing.invalidate_recordset()
                    self.assertNotRegex(mailing.crm_audience_note, "get it|do not meet")
