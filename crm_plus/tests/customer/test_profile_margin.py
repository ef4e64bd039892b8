from odoo import fields
from odoo.tests import tagged

from ...engine.customer.pareto import gini
from .test_profile_invoices import InvoiceCase


@tagged("post_install", "-at_install")
class TestProfileMargin(InvoiceCase):
    """Margin stands beside revenue where Sales records it, and decides where the company says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.crm_plus_revenue_basis = "order"
        cls.product_a.write({"invoice_policy": "order", "standard_price": 60})

    def known(self):
        if "margin" not in self.env["sale.order"]._fields:
            self.skipTest("margins are recorded with the app for them only")

    def test_without_margins_they_are_unknown_and_revenue_decides(self):
        if "margin" in self.env["sale.order"]._fields:
            self.skipTest("for hosts without margins")
        self.company.crm_plus_value = "margin"
        self.order(100)
        profile = self.profile()
        self.assertEqual((profile.margin, profile.revenue, profile.abc_class), (False, 100, "A"))
        self.assertFalse(self.company._crm_plus_by_margin())

    def test_margin_is_net_of_what_was_taken_back(self):
        self.known()
        order, other = self.order(100), self.order(300)
        self.assertEqual((self.profile().margin, self.profile().recent_margin), (40 + 240, 40 + 240))
        invoice = other._create_invoices()
        invoice.invoice_date = "2026-01-15"
        invoice.action_post()
        note = invoice._reverse_moves([{"invoice_date": "2026-02-01"}])
        note.action_post()
        self.assertEqual((self.profile().margin, self.profile().revenue), (40, 100))
        order._action_cancel()
        self.assertFalse(self.profile())

    def test_classes_and_tiers_follow_the_margin(self):
        self.known()
        rich = self.env["res.partner"].create({"name": "Rich", "is_company": True})
        self.order(65)
        self.order(65)
        self.order(100, partner_id=rich.id)
        tier = self.env["crm.tier"].create(
            {"name": "Good", "company_id": self.company.id, "basis": "margin", "threshold": 20}
        )
        self.assertEqual((self.profile().abc_class, self.profile(rich).abc_class), ("A", "A"))
        self.assertEqual((self.profile(rich).tier_id, self.profile().tier_id.id), (tier, False))
        self.company.crm_plus_value = "margin"
        self.assertEqual((self.profile().abc_class, self.profile(rich).abc_class), ("B", "A"))
        self.order(300, partner_id=rich.id)
        self.assertEqual((self.profile().abc_class, self.profile(rich).abc_class), ("C", "A"))

    def test_the_concentration_is_that_of_what_decides(self):
        self.known()
        for name, price in (("Rich", 400), ("Poor", 70), ("At cost", 60)):
            partner = self.env["res.partner"].create({"name": name, "is_company": True})
            self.order(price, partner_id=partner.id)
        self.order(160)
        self.profile()
        profiles = self.env["crm.customer.profile"].with_company(self.company)
        found = profiles.get_concentration()
        self.assertEqual((found["by"], found["top_share"]), ("revenue", 400 / 690))
        self.company.crm_plus_value = "margin"
        self.profile()
        found = profiles.pareto_curve()
        self.assertEqual(found["by"], "margin")
        self.assertAlmostEqual(found["top_share"], 340 / 450)
        margins = [340, 100, 10, 0]
        self.assertAlmostEqual(found["gini"], gini(margins))
        sums = {part["class"]: (part["customers"], part["revenue"]) for part in found["classes"]}
        self.assertEqual(sums, {"A": (2, 440), "C": (2, 10)})
        self.assertEqual([round(point["revenue"]) for point in found["points"]], [76, 98, 100, 100])

    def test_touched_customers_have_the_margin_that_all_have(self):
        self.known()
        self.order(100, day=fields.Datetime.now())
        everyone = self.profile().margin
        self.env["crm.customer.profile"]._refresh_company(self.company, self.customer.ids)
        self.env.invalidate_all()
        found = self.env["crm.customer.profile"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((everyone, found.margin), (40, 40))
