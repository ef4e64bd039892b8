from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odoo import Command
from odoo.tests import tagged

from .test_profile_credits import PurchaseCase

AMOUNTS = st.sampled_from([7, 10, 99.99, 300, 333.33])
SALES = st.one_of(
    st.fixed_dictionaries(
        {
            "way": st.just("sell"),
            "amount": AMOUNTS,
            "is_foreign": st.booleans(),
            "has_discount": st.booleans(),
            "advances": st.lists(st.sampled_from([1, 2.5, 3.34]), max_size=2),
            "parts": st.integers(1, 2),
            "issued": st.integers(1, 2),
            "back": st.sampled_from(["reverse", "halves", "return", "cancel"]),
        }
    ),
    st.fixed_dictionaries(
        {"way": st.just("bill"), "amount": AMOUNTS, "is_foreign": st.booleans(), "issued": st.integers(1, 2)}
    ),
)


@tagged("post_install", "-at_install")
class TestSymmetry(PurchaseCase):
    """Whatever is billed, in whatever way, and fully taken back leaves nothing, on either basis."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency("EUR", rates=[("2026-01-01", 2.0), ("2026-02-15", 4.0)])
        cls.euro_prices = cls.env["product.pricelist"].create({"name": "Euro", "currency_id": cls.euro.id})

    @given(sales=st.lists(SALES, min_size=4, max_size=5))
    @settings(max_examples=4, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def test_whatever_is_billed_and_fully_taken_back_leaves_nothing(self, sales):
        """Each sale is that of a customer of its own, so that one refresh tells of all of them."""
        with self.env.cr.savepoint() as undone:
            customers = self.env["res.partner"].create(
                [{"name": f"{sale}", "is_company": True, "ref": str(place)} for place, sale in enumerate(sales)]
            )
            for self.customer, sale in zip(customers, sales, strict=True):
                getattr(self, sale["way"])(**{name: value for name, value in sale.items() if name != "way"})
            for basis in ("order", "invoice"):
                self.company.crm_plus_revenue_basis = basis
                self.env.flush_all()
                self.assertTrue(self.env["crm.customer.profile"]._refresh_company(self.company))
                left = self.env["crm.customer.profile"].search([("partner_id", "in", customers.ids)])
                self.assertFalse([(profile.partner_id.name, basis, profile.revenue) for profile in left])
            undone.rollback()
        self.env.invalidate_all()

    def sell(self, amount, is_foreign, has_discount, advances, parts, issued, back):
        order = self.order(amount, **({"pricelist_id": self.euro_prices.id} if is_foreign else {}))
        if has_discount:
            order.order_line = [Command.create({"product_id": self.product_b.id, "price_unit": -3, "tax_ids": False})]
        for share in advances:
            self.advance(order, share)
        if parts == 2:
            order.order_line = [Command.create({"product_id": self.product_a.id, "price_unit": 5, "tax_ids": False})]
        self.final(order)
        for _turn in range(issued - 1):
            self.reverse(self.billed(order))
            self.final(order, "2026-03-02")
        getattr(self, f"back_by_{back}")(order)

    def bill(self, amount, is_foreign, issued):
        for _turn in range(issued):
            currency = {"currency_id": self.euro.id} if is_foreign else {}
            self.reverse(self.move("out_invoice", amount, "2026-01-20", **currency))

    @staticmethod
    def billed(order):
        """The invoices of an order that nothing has taken back yet."""
        moves = order.invoice_ids
        return moves.filtered(lambda m: m.move_type == "out_invoice") - moves.reversed_entry_id

    def back_by_reverse(self, order):
        self.reverse(self.billed(order))

    def back_by_halves(self, order):
        """Two credit notes of half of every line each."""
        for invoice in self.billed(order):
            for _half in range(2):
                note = invoice._reverse_moves([{"invoice_date": "2026-03-01"}])
                for line in note.invoice_line_ids:
                    line.quantity /= 2
                note.action_post()

    def back_by_return(self, order):
        """By way of the order: nothing of it is wanted any more, and what was billed is credited."""
        order.order_line.filtered(lambda line: not line.is_downpayment and not line.display_type).product_uom_qty = 0
        notes = order._create_invoices(final=True)
        self.post(notes, "2026-03-01")

    def back_by_cancel(self, order):
        self.reverse(self.billed(order))
        order._action_cancel()
