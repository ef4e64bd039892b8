from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.tests import tagged

from .common import TimelineMixin


@tagged("post_install", "-at_install")
class TestCaptureAccounting(TimelineMixin, AccountTestInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.partner_a

    def new_invoice(self, **values):
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": "2024-05-02",
                "invoice_line_ids": [(0, 0, {"name": "Lamp", "price_unit": 100, "quantity": 1, "tax_ids": False})],
                **values,
            }
        )

    def test_a_posted_invoice_is_in_the_timeline_and_a_draft_is_not(self):
        invoice = self.new_invoice()
        self.assertFalse(self.of(invoice, "invoice"))
        invoice.action_post()
        row = self.of(invoice, "invoice")
        self.assertEqual((row.name, row.partner_id), (invoice.name, self.customer))
        self.assertEqual((row.amount, row.currency_id), (100, invoice.currency_id))
        self.assertEqual((str(row.day), str(row.date)), ("2024-05-02", "2024-05-02 10:00:00"))
        self.assertEqual(row.company_id, invoice.company_id)
        self.assertEqual(row.document_user_id, invoice.invoice_user_id)
        invoice.button_draft()
        self.assertFalse(self.of(invoice, "invoice"))

    def test_a_reversed_invoice_stays_and_its_credit_note_joins_it(self):
        invoice = self.new_invoice()
        invoice.action_post()
        reversal = invoice._reverse_moves([{"invoice_date": "2024-05-03"}], cancel=False)
        self.assertFalse(self.of(reversal, "credit_note"))
        reversal.action_post()
        self.assertEqual(len(self.of(invoice, "invoice")), 1)
        row = self.of(reversal, "credit_note")
        self.assertEqual(row.amount, -100)

    def test_a_vendor_bill_is_not_in_the_timeline(self):
        bill = self.new_invoice(move_type="in_invoice")
        bill.action_post()
        self.assertFalse(self.of(bill, "invoice") | self.of(bill, "credit_note"))

    def test_a_received_payment_is_in_the_timeline(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": 40,
                "date": "2024-05-04",
                "memo": "First part",
            }
        )
        self.assertFalse(self.of(payment, "payment"))
        payment.action_post()
        row = self.of(payment, "payment")
        self.assertEqual((row.amount, row.currency_id), (40, payment.currency_id))
        self.assertEqual((row.direction, row.channel_id.code), ("in", "payment"))
        payment.action_draft()
        self.assertFalse(self.of(payment, "payment"))

    def test_a_payment_belongs_to_who_registered_it(self):
        payment = self.env["account.payment"].create(
            {"payment_type": "inbound", "partner_type": "customer", "partner_id": self.customer.id, "amount": 1}
        )
        payment.action_post()
        self.assertEqual(self.of(payment, "payment").document_user_id, self.env.user)
