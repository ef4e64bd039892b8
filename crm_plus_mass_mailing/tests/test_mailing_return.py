from datetime import timedelta

from odoo import fields
from odoo.addons.crm_plus_followup.tests.followup.common import FollowupCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestMailingReturn(FollowupCase):
    """What mailings reached and brought: a customer once, by however many mails."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env["crm.campaign.return"]
        cls.marketer = cls.user("return_marketer", "mass_mailing.group_mass_mailing_user")
        cls.campaign = cls.env["utm.campaign"].create({"title": "Autumn 7"})
        cls.mailing = cls.env["mailing.mailing"].create(
            {"subject": "Autumn", "body_html": "<p>Autumn</p>", "campaign_id": cls.campaign.id,
             "crm_audience_id": cls.audience().id}
        )  # fmt: skip

    def trace(self, record, days=5, status="sent", **values):
        return self.env["mailing.trace"].create(
            {"mass_mailing_id": self.mailing.id, "model": record._name, "res_id": record.id, "trace_status": status,
             "sent_datetime": fields.Datetime.now() - timedelta(days=days), **values}
        )  # fmt: skip

    def sums(self, *names, **where):
        self.env.flush_all()
        domain = [(name, "=", value) for name, value in where.items()]
        return self.report._read_group(domain, [], [f"{name}:sum" for name in names])[0]

    def test_a_mailing_counts_a_customer_once(self):
        one, two, three = self.customers(3, days=300)
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": one.id, "email": "c@seven.example"})
        for record in (one, contact, one):
            self.trace(record)
        self.trace(two, status="open")
        self.trace(two, status="reply")
        self.trace(three, status="bounce")
        self.trace(three, status="cancel")
        self.trace(three, is_test_trace=True)
        self.order(one, amount=400, days=2)
        names = ("reached", "delivered", "opened", "replied", "orders", "last_revenue")
        self.assertEqual(self.sums(*names, mailing_id=self.mailing.id), (3, 2, 1, 1, 1, 400))
        # its campaign reached the same
        self.assertEqual(self.sums(*names, campaign_id=self.campaign.id), (3, 2, 1, 1, 1, 400))

    def test_members_of_lists_are_the_customers_with_their_address(self):
        [one] = self.customers(1, days=300)
        member = self.env["mailing.contact"].create({"name": "Member", "email": one.email})
        stranger = self.env["mailing.contact"].create({"name": "Stranger", "email": "stranger@seven.example"})
        self.trace(one)
        self.trace(member, email=one.email_normalized)
        self.trace(stranger, email="stranger@seven.example")
        self.assertEqual(self.sums("reached", mailing_id=self.mailing.id), (1,))

    def test_its_costs_are_those_of_its_campaign_too(self):
        [one] = self.customers(1, days=300)
        self.trace(one)
        self.env["crm.campaign.cost"].create(
            {"name": "Agency", "company_id": self.company.id, "mailing_id": self.mailing.id, "amount": 80}
        )
        self.assertEqual(self.sums("cost", mailing_id=self.mailing.id), (80,))
        self.assertEqual(self.sums("cost", campaign_id=self.campaign.id), (80,))

    def test_marketing_reads_it_without_amounts_and_without_rules(self):
        [one] = self.customers(1, days=300)
        self.trace(one)
        self.order(one, amount=400, days=2)
        self.env["crm.campaign.cost"].create(
            {"name": "Agency", "company_id": self.company.id, "mailing_id": self.mailing.id, "amount": 80}
        )
        self.follow(self.rule())
        self.env.invalidate_all()
        report = self.report.with_user(self.marketer)
        rows = report.search([])
        self.assertEqual(set(rows.mapped("kind")), {"campaign", "mailing"})
        row = rows.filtered(lambda row: row.mailing_id == self.mailing)
        self.assertEqual((row.orders, row.last_revenue, row.cost), (1, False, False))
        found = report._read_group([("mailing_id", "=", self.mailing.id)], [], ["last_revenue:sum", "cost:sum"])
        self.assertFalse(any(found[0]))
        self.assertNotIn("rule_id", report.fields_get())
        self.assertNotIn("return_on_cost", report.fields_get())
