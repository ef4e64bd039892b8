from dateutil.relativedelta import relativedelta
from odoo import Command, fields
from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.tests import tagged


class InvoiceCase(AccountTestInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.env = cls.env(su=True, context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.company = cls.company.with_env(cls.env)
        cls.company.crm_plus_revenue_basis = "invoice"
        cls.customer = cls.env["res.partner"].create({"name": "Customer", "is_company": True})

    def move(self, move_type, amount, day, partner=None, post=True, **values):
        line = {"product_id": self.product_a.id, "price_unit": amount, "tax_ids": False}
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": (partner or self.customer).id,
                "invoice_date": day,
                "invoice_line_ids": [Command.create(line)],
                **values,
            }
        )
        if post:
            move.action_post()
        return move

    def order(self, amount, day="2026-01-10 12:00:00", **values):
        line = {"product_id": self.product_a.id, "price_unit": amount, "tax_ids": False}
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "order_line": [Command.create(line)],
                **values,
            }
        )
        order.action_confirm()
        order.date_order = day
        return order

    def profile(self, partner=None):
        self.env.flush_all()
        self.assertTrue(self.env["crm.customer.profile"]._refresh_company(self.company))
        partner = partner or self.customer
        return self.env["crm.customer.profile"].search(
            [("company_id", "=", self.company.id), ("partner_id", "=", partner.id)]
        )


@tagged("post_install", "-at_install")
class TestProfileInvoices(InvoiceCase):
    """Revenue from posted invoices, and credit notes on either basis."""

    def test_invoices_of_any_year_break_no_screen(self):
        invoice = self.move("out_invoice", 100, "2026-01-10")
        for zone in ("Pacific/Kiritimati", "America/Los_Angeles", False):
            for day in ("0001-01-01", "1900-01-01", "9999-12-31", "2026-01-10"):
                with self.subTest(zone=zone, day=day):
                    self.company.partner_id.tz = zone
                    self.env.flush_all()
                    self.env.cr.execute("UPDATE account_move SET invoice_date = %s WHERE id = %s", [day, invoice.id])
                    profile = self.profile()
                    self.env.invalidate_all()
                    self.assertEqual(bool(profile), day != "9999-12-31")
                    self.assertTrue(profile.browse().glance_details(self.customer.id)["state"])
                    self.env["crm.customer.cohort"]._refresh(self.company)
                    self.env["crm.customer.cohort"].get_retention(1200)
                    profile.read(["days_since_order", "is_overdue", "overdue_ratio"])

    def test_a_month_with_a_credit_note_only_is_none_in_which_anybody_ordered(self):
        born = self.company._crm_plus_today().replace(day=1) - relativedelta(months=2)
        self.move("out_invoice", 100, born)
        self.move("out_refund", 30, born + relativedelta(months=1))
        customer, cohorts = self.profile(), self.env["crm.customer.cohort"].with_company(self.company)
        cohorts._refresh(self.company)
        [row] = cohorts.get_retention(12)["cohorts"]
        self.assertEqual((row["active"], row["revenue"]), ([1, 0, 0], [100, -30, 0]))
        for months, active in enumerate(row["active"]):
            window = cohorts.action_open_customers(row["start"], months)
            self.assertEqual(customer.search(window["domain"]), customer if active else customer.browse())

    def test_posted_invoices_net_of_credit_notes_are_the_revenue(self):
        self.move("out_invoice", 100, "2026-01-10")
        self.move("out_invoice", 300, "2026-02-10")
        self.move("out_refund", 120, "2026-02-20")
        self.move("out_invoice", 999, "2026-03-01", post=False)
        self.move("out_invoice", 77, "2026-03-02").button_cancel()
        profile = self.profile()
        self.assertEqual((profile.order_count, profile.revenue, profile.average_order), (2, 280, 140))
        self.assertEqual(str(profile.last_order_date.date()), "2026-02-10")

    def test_a_bill_of_a_vendor_is_no_revenue(self):
        self.move("in_invoice", 500, "2026-01-10")
        self.assertFalse(self.profile())

    def test_who_only_got_money_back_is_no_customer(self):
        self.move("out_refund", 50, "2026-01-10")
        self.assertFalse(self.profile())

    def test_an_order_that_was_invoiced_counts_once_on_either_basis(self):
        self.product_a.invoice_policy = "order"
        order = self.order(100)
        invoice = order._create_invoices()
        invoice.invoice_date = "2026-01-15"
        invoice.action_post()
        for basis in ("invoice", "order"):
            self.company.crm_plus_revenue_basis = basis
            profile = self.profile()
            self.assertEqual((basis, profile.order_count, profile.revenue), (basis, 1, 100))

    def test_a_credit_note_made_by_hand_takes_no_revenue_of_orders_back(self):
        self.company.crm_plus_revenue_basis = "order"
        self.order(100)
        self.move("out_refund", 30, "2026-02-01")
        profile = self.profile()
        self.assertEqual((profile.order_count, profile.revenue), (1, 100))
        self.assertEqual(str(profile.last_order_date), "2026-01-10 12:00:00")

    def test_an_invoice_in_another_currency_counts_at_its_own_rate(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0), ("2026-02-01", 4.0)])
        self.move("out_invoice", 100, "2026-01-10", currency_id=currency.id)
        self.move("out_invoice", 100, "2026-02-10", currency_id=currency.id)
        self.assertEqual(self.profile().revenue, 50 + 25)

    def test_the_invoice_of_a_contact_belongs_to_its_company(self):
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        self.move("out_invoice", 100, "2026-01-10", partner=contact)
        self.assertEqual(self.profile().revenue, 100)
        self.assertFalse(self.profile(contact))

    def test_an_invoice_stays_on_its_day_wherever_the_company_is(self):
        self.move("out_invoice", 100, "2026-01-10")
        for zone in ("Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Honolulu", "Europe/Paris", "UTC"):
            self.company.partner_id.tz = zone
            profile = self.profile()
            local = fields.Datetime.context_timestamp(self.company.with_context(tz=zone), profile.last_order_date)
            self.assertEqual((zone, str(local.date())), (zone, "2026-01-10"))
