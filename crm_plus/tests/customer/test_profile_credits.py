import random

from odoo import Command
from odoo.tests import tagged

from .test_profile_invoices import InvoiceCase


@tagged("post_install", "-at_install")
class TestProfileCredits(InvoiceCase):
    """Revenue from orders: a credit note takes back what orders have brought, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.crm_plus_revenue_basis = "order"
        cls.product_a.invoice_policy = "order"

    def invoice(self, order):
        invoice = order._create_invoices()
        invoice.invoice_date = "2026-01-15"
        invoice.action_post()
        return invoice

    def credit(self, invoice, amount=None, **values):
        """A credit note for an invoice: all of it, or an amount of its first line."""
        note = invoice._reverse_moves([{"invoice_date": "2026-02-01", **values}])
        if amount:
            first, *others = note.invoice_line_ids
            note.invoice_line_ids = [Command.delete(line.id) for line in others]
            first.price_unit = amount
        note.action_post()
        return note

    def revenue(self):
        return self.profile().revenue

    def test_a_credited_part_of_an_order_lowers_the_revenue(self):
        order = self.order(300)
        self.credit(self.invoice(order), 100)
        profile = self.profile()
        self.assertEqual((profile.order_count, profile.revenue), (1, 200))

    def test_an_order_that_was_credited_and_cancelled_is_taken_back_once(self):
        self.order(300)
        undone = self.order(100)
        self.credit(self.invoice(undone))
        self.assertEqual(self.revenue(), 300)
        undone._action_cancel()
        self.assertEqual(self.revenue(), 300)

    def test_the_credit_note_of_an_invoice_without_an_order_takes_back_nothing(self):
        self.order(300)
        self.credit(self.move("out_invoice", 1000, "2026-01-20"))
        self.assertEqual(self.revenue(), 300)

    def test_a_credit_note_made_by_hand_takes_back_nothing_and_the_customer_says_so(self):
        self.order(100)
        self.move("out_refund", 31750, "2026-01-20")
        self.assertEqual(self.revenue(), 100)
        self.assertRegex("\n".join(self.source()), r"Credit notes of .*31,750.* do not reverse any order")

    def test_hand_made_invoices_and_their_credit_notes_leave_nothing(self):
        self.order(100)
        for amount in (50, 1000):
            invoice = self.move("out_invoice", amount, "2026-01-20")
            self.assertEqual(self.revenue(), 100)
            self.credit(invoice)
            self.assertEqual(self.revenue(), 100)
        self.assertRegex("\n".join(self.source()), r"Credit notes of .*1,050.* do not reverse any order")

    def test_whatever_is_billed_and_fully_taken_back_leaves_nothing(self):
        self.order(1)
        rng = random.Random(8)
        for _turn in range(6):
            order = self.order(rng.choice([10, 99.99, 300]))
            self.credit(self.invoice(order))
        for _turn in range(3):
            self.credit(self.move("out_invoice", rng.choice([7, 500]), "2026-01-20"))
        self.assertEqual(self.revenue(), 1)

    def test_a_credit_note_of_an_order_is_not_named(self):
        self.credit(self.invoice(self.order(300)), 100)
        self.revenue()
        self.assertNotIn("do not reverse any order", "\n".join(self.source()))

    def source(self):
        self.env.invalidate_all()
        return self.env["crm.customer.profile"].glance_details(self.customer.id)["source"]

    def test_a_corrected_order_is_not_taken_back_once_more(self):
        order = self.order(300)
        self.invoice(order)
        order.order_line.price_unit = 200
        self.assertEqual(self.revenue(), 200)
        self.credit(order.invoice_ids, 100)
        self.assertEqual(self.revenue(), 200)

    def test_a_line_that_the_order_does_not_have_is_not_taken_back_from_it(self):
        order = self.order(300)
        invoice = order._create_invoices()
        invoice.invoice_line_ids = [Command.create({"name": "Freight", "price_unit": 50, "tax_ids": False})]
        invoice.invoice_date = "2026-01-15"
        invoice.action_post()
        self.credit(invoice)
        self.assertEqual(self.revenue(), 0)

    def test_a_credited_down_payment_takes_back_nothing(self):
        order = self.order(300)
        wizard = self.env["sale.advance.payment.inv"].create(
            {"advance_payment_method": "fixed", "fixed_amount": 90, "sale_order_ids": order.ids}
        )
        wizard.create_invoices()
        order.invoice_ids.invoice_date = "2026-01-15"
        order.invoice_ids.action_post()
        self.credit(order.invoice_ids)
        self.assertEqual(self.revenue(), 300)

    def test_a_credit_note_for_the_invoice_of_an_order_counts_with_lines_of_its_own(self):
        self.order(500)
        order = self.order(300)
        note = self.invoice(order)._reverse_moves([{"invoice_date": "2026-02-01"}])
        goodwill = {"name": "Goodwill", "price_unit": 40, "tax_ids": False}
        note.invoice_line_ids = [Command.clear(), Command.create(goodwill)]
        note.action_post()
        self.assertEqual(self.revenue(), 760)
        order._action_cancel()
        self.assertEqual(self.revenue(), 500)

    def test_a_credited_line_counts_at_the_rate_of_its_credit_note(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0), ("2026-02-01", 4.0)])
        pricelist = self.env["product.pricelist"].create({"name": "Euro", "currency_id": currency.id})
        order = self.order(300, pricelist_id=pricelist.id)
        self.credit(self.invoice(order), 100)
        [rate] = order.mapped("currency_rate")
        self.assertEqual(self.revenue(), 300 / rate - 25)

    def test_a_refreshed_customer_has_the_revenue_that_all_have(self):
        order = self.order(300)
        self.credit(self.invoice(self.order(100)), 30)
        self.credit(self.move("out_invoice", 1000, "2026-01-20"))
        everyone = self.revenue()
        order._action_cancel()
        self.env.flush_all()
        self.env["crm.customer.profile"]._refresh_company(self.company, self.customer.ids)
        self.env.invalidate_all()
        found = self.env["crm.customer.profile"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((everyone, found.revenue), (370, 70))

    def test_an_order_that_is_billed_and_reversed_twice_is_taken_back_once(self):
        self.order(7)
        order = self.order(100)
        for _turn in range(2):
            self.credit(self.invoice(order))
            self.assertEqual(self.figures(), (1, 7))
        self.invoice(order)
        self.assertEqual(self.figures(), (2, 107))

    def test_what_is_taken_back_at_another_rate_leaves_nothing(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0), ("2026-02-01", 4.0)])
        pricelist = self.env["product.pricelist"].create({"name": "Euro", "currency_id": currency.id})
        self.order(7)
        self.credit(self.invoice(self.order(300, pricelist_id=pricelist.id)))
        self.assertEqual(self.figures(), (1, 7))

    def test_a_discount_is_taken_back_with_what_it_was_given_on(self):
        self.order(7)
        order = self.order(100)
        order.order_line = [Command.create({"product_id": self.product_b.id, "price_unit": -20, "tax_ids": False})]
        self.product_b.invoice_policy = "order"
        for _turn in range(2):
            self.credit(self.invoice(order))
            self.assertEqual(self.figures(), (1, 7))

    def figures(self):
        profile = self.profile()
        return profile.order_count, profile.revenue


class PurchaseCase(InvoiceCase):
    """Sales that are billed in all the ways of the host, looked at on either basis."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.product_a | cls.product_b).invoice_policy = "order"
        cls.kept = cls.env["res.partner"].create({"name": "Kept", "is_company": True})

    def figures(self):
        """(orders, revenue) by basis: "none" for who is no customer."""
        found = {}
        for basis in ("order", "invoice"):
            self.company.crm_plus_revenue_basis = basis
            profile = self.profile()
            found[basis] = (profile.order_count, profile.revenue) if profile else "none"
        return found

    def assert_figures(self, order, invoice):
        self.assertEqual(self.figures(), {"order": order, "invoice": invoice})

    def post(self, moves, day="2026-01-15"):
        moves.invoice_date = day
        moves.action_post()
        return moves

    def advance(self, order, amount, day="2026-01-12"):
        values = {"advance_payment_method": "fixed", "fixed_amount": amount, "sale_order_ids": order.ids}
        before = order.invoice_ids
        self.env["sale.advance.payment.inv"].create(values).create_invoices()
        return self.post(order.invoice_ids - before, day)

    def final(self, order, day="2026-02-20"):
        return self.post(order._create_invoices(final=True), day)

    def reverse(self, moves, day="2026-03-01"):
        return self.post(moves._reverse_moves([{"invoice_date": day} for _move in moves]), day)


@tagged("post_install", "-at_install")
class TestPurchases(PurchaseCase):
    """One sale is one purchase, and what was taken back in full is none, on either basis."""

    def test_a_down_payment_and_its_final_invoice_are_one_purchase(self):
        order = self.order(300)
        self.advance(order, 90)
        self.assert_figures((1, 300), (1, 90))
        self.advance(order, 30, "2026-01-20")
        self.assert_figures((1, 300), (1, 120))
        self.final(order)
        self.assert_figures((1, 300), (1, 300))
        self.assertEqual(str(self.profile().last_order_date.date()), "2026-01-12")

    def test_a_down_payment_that_is_reversed_begins_nothing(self):
        order = self.order(300)
        self.reverse(self.advance(order, 90))
        self.assert_figures((1, 300), "none")
        self.final(order)
        self.assert_figures((1, 300), (1, 300))

    def test_deliveries_that_are_billed_one_by_one_are_what_was_billed(self):
        order = self.order(300)
        self.product_a.invoice_policy = "delivery"
        order.order_line.product_uom_qty = 2
        order.order_line.price_unit = 300
        for delivered in (1, 2):
            order.order_line.qty_delivered = delivered
            self.post(order._create_invoices())
        self.assert_figures((1, 600), (2, 600))

    def test_an_invoice_that_is_reversed_and_issued_again_is_one_purchase(self):
        order = self.order(300)
        self.reverse(self.post(order._create_invoices()))
        self.assert_figures("none", "none")
        self.final(order, "2026-03-02")
        self.assert_figures((1, 300), (1, 300))

    def test_an_invoice_made_by_hand_that_is_reversed_and_issued_again_is_one_purchase(self):
        self.order(5)
        self.reverse(self.move("out_invoice", 300, "2026-01-15"))
        self.move("out_invoice", 300, "2026-01-16")
        self.assert_figures((1, 5), (1, 300))

    def test_an_invoice_paid_by_a_credit_note_made_by_hand_is_no_purchase(self):
        self.move("out_invoice", 50, "2026-01-14")
        moves = self.move("out_invoice", 300, "2026-01-15") | self.move("out_refund", 300, "2026-01-16")
        receivable = moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        receivable.reconcile()
        self.assert_figures("none", (1, 50))

    def test_an_order_that_is_returned_by_way_of_the_order_is_no_purchase(self):
        order = self.order(300)
        self.post(order._create_invoices())
        order.order_line.product_uom_qty = 0
        self.final(order)
        self.assert_figures("none", "none")

    def test_what_is_refunded_in_part_remains_a_purchase(self):
        order = self.order(300)
        invoice = self.post(order._create_invoices())
        note = invoice._reverse_moves([{"invoice_date": "2026-02-01"}])
        note.invoice_line_ids.price_unit = 100
        note.action_post()
        self.assert_figures((1, 200), (1, 200))

    def test_an_invoice_reversed_at_another_rate_leaves_nothing(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0), ("2026-02-01", 4.0)])
        self.move("out_invoice", 7, "2026-01-10")
        self.reverse(self.move("out_invoice", 100, "2026-01-10", currency_id=currency.id))
        self.company.crm_plus_revenue_basis = "invoice"
        self.assertEqual((self.profile().order_count, self.profile().revenue), (1, 7))
