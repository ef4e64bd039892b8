import random

from odoo import Command
from odoo.addons.point_of_sale.tests.common import CommonPosTest
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestPosRevenue(CommonPosTest):
    """What is sold over the counter is revenue of the customer, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company.crm_plus_revenue_basis = "order"
        cls.customer = cls.env["res.partner"].create({"name": "Customer", "is_company": True})
        cls.goods = cls.env["product.product"].create(
            {"name": "Goods", "list_price": 30, "taxes_id": False, "available_in_pos": True, "invoice_policy": "order"}
        )

    def sell(self, invoice=False, refund=False, **line):
        payment = {"payment_method_id": self.cash_payment_method.id}
        order, back = self.create_backend_pos_order(
            {
                "order_data": {"partner_id": self.customer.id, "to_invoice": invoice},
                "line_data": [{"product_id": self.goods.id, **line}],
                "payment_data": [{**payment, "amount": 30}],
                **({"refund_data": [{**payment, "amount": -30}]} if refund else {}),
            }
        )
        if invoice and not order.account_move:
            order.action_pos_order_invoice()
        return order, back

    def figures(self, basis):
        self.company.crm_plus_revenue_basis = basis
        self.env.flush_all()
        profiles = self.env["crm.customer.profile"].sudo()
        self.assertTrue(profiles._refresh_company(self.company.sudo()))
        return self.profile_figures()

    def profile_figures(self):
        profile = (
            self.env["crm.customer.profile"]
            .sudo()
            .search([("partner_id", "=", self.customer.id), ("company_id", "=", self.company.id)])
        )
        return profile.order_count, profile.revenue

    def test_an_order_over_the_counter_counts_on_either_basis(self):
        self.sell()
        self.assertEqual((self.figures("order"), self.figures("invoice")), ((1, 30), (1, 30)))

    def test_an_invoiced_one_counts_once(self):
        order, _back = self.sell(invoice=True)
        self.assertEqual(order.account_move.state, "posted")
        self.assertEqual((self.figures("order"), self.figures("invoice")), ((1, 30), (1, 30)))

    def test_a_refund_lowers_the_revenue_and_is_no_order(self):
        self.sell()
        self.sell(refund=True)
        self.assertEqual((self.figures("order"), self.figures("invoice")), ((1, 30), (1, 30)))

    def test_a_refund_with_a_credit_note_counts_once(self):
        self.sell()
        _order, back = self.sell(invoice=True, refund=True)
        if not back.account_move:
            back.action_pos_order_invoice()
        self.assertEqual(back.account_move.move_type, "out_refund")
        self.assertEqual((self.figures("order"), self.figures("invoice")), ((1, 30), (1, 30)))

    def test_a_sales_order_settled_at_the_till_counts_once(self):
        self.settled()
        self.assert_only(1, 30)

    def settled(self, invoice=False):
        """A sales order that was settled at the till: it, and its receipt."""
        if "sale_order_origin_id" not in self.env["pos.order.line"]._fields:
            self.skipTest("sales orders are settled at the till with the app of both only")
        line = Command.create({"product_id": self.goods.id, "price_unit": 30, "tax_ids": False})
        values = {"partner_id": self.customer.id, "order_line": [line]}
        order = self.env["sale.order"].sudo().create(values)
        order.action_confirm()
        receipt, _back = self.sell(
            invoice=invoice, sale_order_origin_id=order.id, sale_order_line_id=order.order_line.id
        )
        return order, receipt

    def give_back(self, receipt):
        refund = self.env["pos.order"].browse(receipt.refund()["res_id"])
        payment = self.env["pos.make.payment"].with_context(active_id=refund.id, active_ids=refund.ids)
        payment.create({"amount": refund.amount_total, "payment_method_id": self.cash_payment_method.id}).check()
        self.assertIn(refund.state, ("paid", "done"))

    def assert_only(self, count, revenue):
        for basis in ("order", "invoice"):
            self.assertEqual((basis, self.figures(basis)), (basis, (count, revenue)))

    def test_a_settled_order_that_is_returned_leaves_nothing(self):
        self.sell()
        _order, receipt = self.settled()
        self.assert_only(2, 60)
        self.give_back(receipt)
        self.assert_only(1, 30)

    def test_a_settled_order_that_is_credited_in_the_back_office_leaves_nothing(self):
        self.sell()
        order, _receipt = self.settled()
        note = self.env["account.move"].sudo().create(
            {
                "move_type": "out_refund",
                "partner_id": self.customer.id,
                "invoice_date": "2026-01-20",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.goods.id, "price_unit": 30, "tax_ids": False,
                            "sale_line_ids": order.order_line.ids,
                        }
                    )
                ],
            }
        )  # fmt: skip
        note.action_post()
        self.assert_only(1, 30)

    def test_a_receipt_whose_invoice_is_reversed_leaves_nothing(self):
        self.sell()
        for plain in (True, False):
            receipt = self.sell(invoice=True)[0] if plain else self.settled(invoice=True)[1]
            note = receipt.account_move.sudo()._reverse_moves([{"invoice_date": "2026-01-20"}])
            note.action_post()
            self.assert_only(1, 30)

    def test_a_receipt_that_is_given_back_in_part_remains_an_order(self):
        receipt, _back = self.sell()
        refund = self.env["pos.order"].browse(receipt.refund()["res_id"])
        refund.lines.write({"price_unit": 10, "price_subtotal": -10, "price_subtotal_incl": -10})
        refund._compute_prices()
        payment = self.env["pos.make.payment"].with_context(active_id=refund.id, active_ids=refund.ids)
        payment.create({"amount": refund.amount_total, "payment_method_id": self.cash_payment_method.id}).check()
        self.assert_only(1, 20)

    def test_touched_customers_come_out_as_all_do_whatever_happens_at_the_till(self):
        for seed in (1, 2):
            rng = random.Random(seed)
            for basis in ("order", "invoice"):
                self.figures(basis)
                for _step in range(6):
                    event = rng.choice(["sell", "invoice", "refund", "credit", "give", "invoice later"])
                    self.happen(rng, event)
                    self.env.cr.flush()
                    with self.env.cr.savepoint() as savepoint:
                        everyone = self.figures(basis)
                        savepoint.rollback()
                    self.env.invalidate_all()
                    profiles, queue = (self.env[name].sudo() for name in ("crm.customer.profile", "crm.customer.queue"))
                    while partner_ids := queue._take(100):
                        self.assertTrue(profiles._refresh_company(self.company.sudo(), partner_ids))
                    self.assertEqual(self.profile_figures(), everyone, (seed, basis, event))

    def happen(self, rng, event):
        mine = self.env["pos.order"].search([("company_id", "=", self.company.id)], order="id")
        if event in ("give", "invoice later") and mine:
            order = mine[rng.randrange(len(mine))]
            if event == "give" and not order.account_move:
                order.partner_id = self.customer if rng.random() < 0.5 else False
            elif event == "invoice later" and order.partner_id and not order.account_move:
                order.action_pos_order_invoice()
        else:
            self.sell(invoice=event in ("invoice", "credit"), refund=event in ("refund", "credit"))

    def test_sales_to_nobody_are_no_revenue_of_anybody(self):
        order, _back = self.sell()
        order.partner_id = False
        self.assertEqual(self.figures("order"), (0, 0))
