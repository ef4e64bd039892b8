from datetime import timedelta

from odoo import fields
from odoo.addons.crm_plus_followup.tests.followup.common import FollowupCase
from odoo.exceptions import AccessError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestMailingHoldout(FollowupCase):
    """A mailing holds a share of its customers out, and says what it changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaign = cls.env["utm.campaign"].create({"title": "Spring 7"})
        cls.holdout = cls.env["crm.mailing.holdout"]

    def mailing(self, **values):
        return self.env["mailing.mailing"].create(
            {"subject": "News", "body_html": "<p>News</p>", "crm_audience_id": self.audience().id,
             "keep_archives": True, "campaign_id": self.campaign.id, "crm_holdout_percent": 50, **values}
        )  # fmt: skip

    def sent(self, mailing):
        return set(self.env["mailing.trace"].search([("mass_mailing_id", "=", mailing.id)]).mapped("res_id"))

    def test_a_share_gets_none_and_stays_so(self):
        partners = self.customers(20)
        partners[0].email = False
        self.env["mail.blacklist"]._add(partners[1].email)
        mailing = self.mailing()
        mailing.action_send_mail()
        known = self.holdout.search([("mailing_id", "=", mailing.id)])
        held = known.filtered("held_out").partner_id
        self.assertEqual(known.partner_id, partners[2:], "who has no address cannot be compared")
        self.assertEqual(len(held), 9)
        self.assertFalse(self.sent(mailing) & set(held.ids))
        self.assertGreaterEqual(self.sent(mailing), set((partners[2:] - held).ids))
        # whoever comes in later is decided of, and who was held out stays so
        late = self.customers(2)
        for number, partner in enumerate(late):
            partner.email = f"late{number}@followup.example"
        mailing._get_remaining_recipients()
        again = self.holdout.search([("mailing_id", "=", mailing.id)])
        self.assertEqual(again.partner_id, partners[2:] | late)
        self.assertEqual(again.filtered("held_out").partner_id & partners, held)

    def test_a_test_of_two_versions_holds_nobody_out(self):
        self.customers(8)
        mailing = self.mailing(ab_testing_enabled=True, ab_testing_pc=25)
        mailing.action_send_mail()
        self.assertEqual(len(self.sent(mailing)), 2)
        self.assertFalse(
            self.holdout.search_count([("mailing_id", "=", mailing.id)]), "who was not picked was not held out"
        )

    def test_looking_at_it_stores_no_limits_of_the_company(self):
        mailing, policies = self.mailing(), self.env["crm.followup.policy"]
        policies.search([("company_id", "=", self.company.id)]).unlink()
        self.assertIn("too few customers", mailing._crm_result().text())
        self.assertTrue(mailing.crm_audience_note)
        self.assertFalse(policies.search([("company_id", "=", self.company.id)]), "it may be read in a read-only way")

    def test_what_it_changed_stands_on_it_and_in_campaign_return(self):
        partners = self.customers(120, days=300)
        mailing = self.mailing()
        mailing.action_send_mail()
        self.env["mailing.trace"].search([("mass_mailing_id", "=", mailing.id)]).set_sent()
        held = self.holdout.search([("mailing_id", "=", mailing.id), ("held_out", "=", True)]).partner_id
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_mailing_holdout SET date_assigned = date_assigned - interval '9 days'")
        self.env.cr.execute(
            "UPDATE mailing_trace SET sent_datetime = %s WHERE mass_mailing_id = %s",
            (fields.Datetime.now() - timedelta(days=9), mailing.id),
        )
        for partner in (partners - held)[:40]:
            self.order(partner, amount=100, days=3)
        for partner in held[:10]:
            self.order(partner, amount=100, days=3)
        self.env.invalidate_all()
        self.assertIn("Reached: 60. Held out: 60", mailing.with_user(self.chief).sudo(False)._crm_result().text())
        report = self.env["crm.campaign.return"]
        for where in (("mailing_id", "=", mailing.id), ("campaign_id", "=", self.campaign.id)):
            [(reached, uplift)] = report._read_group([where], [], ["reached:sum", "uplift_revenue:sum"])
            self.assertEqual(reached, 60)
            self.assertAlmostEqual(uplift, 3000)

    def test_nobody_reads_who_is_held_out(self):
        self.customers(4)
        self.mailing().action_send_mail()
        marketer = self.user("holdout_marketer", "mass_mailing.group_mass_mailing_user")
        for user in (marketer, self.seller, self.chief):
            with self.assertRaises(AccessError):
                self.holdout.with_user(user).search([])
        self.assertEqual(self.holdout.search_count([]), 4)
        with self.assertRaises(AccessError):
            self.mailing().with_user(marketer).read(["crm_result_text"])

    def test_two_who_become_one_customer_stay_assigned_once(self):
        one, two = self.customers(2)
        mailing = self.mailing()
        mailing.action_send_mail()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((one | two).ids, two)
        self.assertEqual(self.holdout.search([("mailing_id", "=", mailing.id)]).partner_id, two)
