from datetime import timedelta

from odoo import fields
from odoo.addons.crm_plus_followup.tests.followup.common import FollowupCase
from odoo.exceptions import AccessError
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

    def test_marketing_cannot_ask_for_what_it_does_not_read(self):
        [one] = self.customers(1, days=300)
        self.trace(one)
        self.order(one, amount=400, days=2)
        self.follow(self.rule())
        self.env.invalidate_all()
        report = self.report.with_user(self.marketer)
        for name in ("revenue", "margin", "first_revenue", "last_revenue", "last_margin", "uplift_revenue", "cost"):
            with self.subTest(name):
                self.assertFalse(report.search([(name, ">", -1e9)]))
                found = report._read_group([], ["campaign_id"], [f"{name}:array_agg"], having=[(f"{name}:sum", ">", 0)])
                self.assertFalse(found)
                self.assertEqual(set(report.search_read([], [name]) and report.search([]).mapped(name)), {False})
        for asked in ([("return_on_cost", ">", 0)], [("rule_id", "!=", False)], [("lead_id.name", "like", "x")]):
            with self.subTest(asked), self.assertRaises(AccessError):
                report.search(asked)
        for aggregate in ("return_on_cost:sum", "return_on_cost:avg", "rule_id:array_agg"):
            with self.subTest(aggregate), self.assertRaises(AccessError):
                report._read_group([], [], [aggregate])
        of_rule = self.report.search([("kind", "=", "rule")], limit=1)
        self.assertTrue(of_rule)
        with self.assertRaises(AccessError):
            of_rule.with_user(self.marketer).read(["partner_id"])
        for action in ("action_open_orders", "action_open_leads"):
            with self.subTest(action), self.assertRaises(AccessError):
                getattr(of_rule.with_user(self.marketer), action)()
