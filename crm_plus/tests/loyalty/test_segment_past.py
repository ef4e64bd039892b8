from datetime import datetime, timedelta

import pytz
from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentPast(SegmentCase):
    """Orders and invoices are analysed by the segment and the tier that their customer had on their day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.customer("Moved", days=1, count=12, amount=2000)
        cls.contact = cls.env["res.partner"].create({"name": "Buyer", "parent_id": cls.partner.id})
        cls.refresh()
        # From 100 to 20 days ago a champion with Gold, since then without any tier.
        cls.age(cls.partner, 100)
        cls.partner.sale_order_ids.date_order = "2020-05-12 10:00:00"
        cls.refresh()
        for statement in (
            "UPDATE crm_segment_membership SET date_to = date_to - 20 WHERE partner_id = %s",
            "UPDATE crm_segment_membership SET date_from = date_from - 20 WHERE partner_id = %s AND date_to IS NULL",
            "UPDATE crm_tier_stay SET date_from = date_from - 100, date_to = current_date - 20 WHERE partner_id = %s",
        ):
            cls.env.cr.execute(statement, [cls.partner.id])
        cls.env.invalidate_all()
        cls.seller = cls.user("past_seller", "sales_team.group_sale_salesman_all_leads")

    def analysis(self, model="sale.report", user=None, by=("crm_segment_id", "crm_tier_id"), value="price_subtotal"):
        """{(code of the segment, name of the tier): sum}"""
        report = self.env[model].with_user(user or self.seller)
        # Not the orders of the setup, of 2000 each.
        domain = [("commercial_partner_id", "=", self.partner.id), ("price_subtotal", "<", 100)]
        rows = report._read_group(domain, by, [f"{value}:sum"])
        return {(segment.code, tier.name): total for segment, tier, total in rows}

    def test_an_order_counts_for_the_segment_and_tier_of_its_day(self):
        for days, amount in ((101, 1), (100, 2), (60, 4), (21, 8)):
            self.order(self.contact, days=days, amount=amount)
        self.order(self.partner, days=20, amount=16)
        self.env.flush_all()
        self.assertEqual(self.analysis(), {(False, False): 1, ("champions", "Gold"): 14, ("cannot_lose", False): 16})
        found = (
            self.env["sale.report"]
            .with_user(self.seller)
            .search([("crm_segment_id", "=", self.champions.id), ("commercial_partner_id", "=", self.partner.id)])
        )
        self.assertEqual(sum(found.mapped("price_subtotal")), 14)
        self.assertEqual(found.mapped("crm_tier_id.name"), ["Gold"])

    def test_an_order_at_midnight_belongs_to_the_day_of_the_company(self):
        self.company.partner_id.tz = "Pacific/Kiritimati"
        day = fields.Date.today() - timedelta(days=20)
        local = pytz.timezone("Pacific/Kiritimati").localize(datetime.combine(day, datetime.min.time()))
        moment = local.astimezone(pytz.utc).replace(tzinfo=None)
        for second, amount in ((-1, 1), (0, 2)):
            self.order(self.partner, amount=amount).date_order = moment + timedelta(seconds=second)
        self.env.flush_all()
        self.assertEqual(self.analysis(), {("champions", "Gold"): 1, ("cannot_lose", False): 2})

    def test_invoices_are_analysed_likewise(self):
        self.env["account.chart.template"].try_loading("generic_coa", company=self.company, install_demo=False)
        day = fields.Date.today() - timedelta(days=60)
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.contact.id,
                "invoice_date": day,
                "invoice_line_ids": [
                    Command.create({"product_id": self.product.id, "price_unit": 5, "tax_ids": False})
                ],
            }
        )
        invoice.action_post()
        self.env.flush_all()
        accountant = self.user(
            "past_accountant", "account.group_account_invoice,sales_team.group_sale_salesman_all_leads"
        )
        self.assertEqual(self.analysis("account.invoice.report", accountant), {("champions", "Gold"): 5})

    def test_a_draft_segment_and_another_family_do_not_count_an_order_twice(self):
        family = self.env["crm.segment.family"].create({"name": "By conditions", "kind": "domain"})
        self.env["crm.segment"].create(
            [
                {"name": state, "code": state, "family_id": family.id, "state": state, "sequence": sequence}
                for sequence, state in enumerate(("draft", "active"))
            ]
        )
        self.order(self.partner, days=0, amount=16)
        self.refresh()
        self.assertEqual(len(self.stays.search([("partner_id", "=", self.partner.id), ("date_to", "=", False)])), 3)
        self.assertEqual(sum(self.analysis().values()), 16)

    def test_nothing_is_joined_for_who_does_not_ask(self):
        query = self.env["sale.report"]._search([("partner_id", "=", self.partner.id)])
        self.assertNotIn("crm_segment_membership", query.select().code)

    def test_who_does_not_use_crm_plus_has_no_such_fields(self):
        outsider = self.user("past_accountant_only", "account.group_account_invoice")
        report = self.env["account.invoice.report"].with_user(outsider)
        self.assertNotIn("crm_segment_id", report.fields_get())
        with self.assertRaises(AccessError):
            report._read_group([], ["crm_segment_id"], ["__count"])
