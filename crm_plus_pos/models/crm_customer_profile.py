from odoo import api, models
from odoo.addons.crm_plus.services.customer.returns import none_of, reversed_invoices, unbilled_orders
from odoo.tools import SQL

# Receipts that count.
SOLD = SQL("o.state IN ('paid', 'done')")
# What a line of a receipt is worth of that line which it gives back: a till writes the amount of either sign.
GIVEN_BACK = SQL("sign(line.price_subtotal) * abs(back.price_subtotal)")


class CrmCustomerProfile(models.Model):
    """Orders of the point of sale are revenue of their customer, once: never together with their own invoice, nor with
    the sales order they settle. What is given back, at the till or in the back office, is taken back once."""

    _inherit = "crm.customer.profile"

    @api.model
    def _document_queries(self, company, condition):
        return [*super()._document_queries(company, condition), self._pos_query(company, condition)]

    @api.model
    def _moment_queries(self, company, condition):
        receipts = SQL(
            """SELECT date_order AS moment FROM pos_order
                WHERE state IN ('paid', 'done') AND company_id = %s AND amount_total > 0 AND %s""",
            company.id,
            condition,
        )
        return [*super()._moment_queries(company, condition), receipts]

    @api.model
    def _document_fields(self):
        return super()._document_fields() | {"pos.order": frozenset({"amount_tax", "currency_rate", "account_move"})}

    @api.model
    def _pos_query(self, company, condition):
        return SQL(
            """SELECT partner_id, date_order AS moment, amount > 0 AND %(kept)s AS is_order,
                      CASE WHEN currency_id = %(currency)s THEN amount
                           ELSE amount / COALESCE(NULLIF(currency_rate, 0), 1) END AS amount
                 FROM (SELECT o.id, o.partner_id, o.date_order, s.currency_id, o.currency_rate, %(amount)s AS amount
                         FROM pos_order o JOIN pos_session session ON session.id = o.session_id
                         JOIN pos_config s ON s.id = session.config_id
                        WHERE %(sold)s AND o.company_id = %(company)s AND o.partner_id IS NOT NULL
                          AND %(counted)s) receipt
                WHERE %(condition)s""",
            kept=none_of(SQL("id"), self._pos_returned(company, condition)),
            currency=company.currency_id.id,
            company=company.id,
            amount=self._pos_amount(company),
            sold=SOLD,
            counted=SQL("o.account_move IS NULL") if company.crm_plus_revenue_basis == "invoice" else SQL("TRUE"),
            condition=condition,
        )

    @api.model
    def _margin_queries(self, company, condition):
        """The margin of receipts is what they add without the cost of their lines; none, where costs are not computed
        yet or nothing of the receipt is left."""
        found = super()._margin_queries(company, condition)
        if not found:
            return found
        own = SQL("line.sale_order_origin_id IS NULL OR line.refunded_orderline_id IS NOT NULL")
        margins = SQL(
            """SELECT o.partner_id, o.date_order AS moment,
                      (%(amount)s - COALESCE((SELECT sum(line.total_cost) FROM pos_order_line line
                                               WHERE line.order_id = o.id AND (%(own)s)), 0))
                      / COALESCE(NULLIF(o.currency_rate, 0), 1) AS margin
                 FROM pos_order o
                WHERE o.id IN (SELECT id FROM pos_order WHERE %(condition)s) AND %(sold)s AND o.company_id = %(company)s
                      AND o.partner_id IS NOT NULL AND %(kept)s
                      AND NOT EXISTS (SELECT FROM pos_order_line line WHERE line.order_id = o.id
                                         AND line.is_total_cost_computed IS NOT TRUE)""",
            amount=self._pos_amount(company),
            own=own if self._pos_settles() else SQL("TRUE"),
            condition=condition,
            sold=SOLD,
            company=company.id,
            kept=none_of(SQL("o.id"), self._pos_reversed(company, condition)),
        )
        return [*found, margins]

    @api.model
    def _pos_reversed(self, company, condition):
        """The ids of the receipts whose invoice was reversed."""
        moves = reversed_invoices(self.env, company, condition)
        rows = self.env.execute_query(SQL("SELECT id FROM pos_order WHERE account_move = ANY(%s)", moves))
        return [row[0] for row in rows]

    @api.model
    def _pos_settles(self):
        """Whether sales orders can be settled at the till."""
        return "sale_order_origin_id" in self.env["pos.order.line"]._fields

    @api.model
    def _pos_amount(self, company):
        """SQL of what an order ``o`` adds: without tax, and without lines that settle a confirmed sales order. What
        gives back such a line counts: the sales order goes on counting."""
        if company.crm_plus_revenue_basis == "invoice" or not self._pos_settles():
            return SQL("o.amount_total - o.amount_tax")
        return SQL(
            """o.amount_total - o.amount_tax - COALESCE((SELECT sum(line.price_subtotal) FROM pos_order_line line
                WHERE line.order_id = o.id AND line.sale_order_origin_id IS NOT NULL
                      AND line.refunded_orderline_id IS NULL), 0)"""
        )

    @api.model
    def _pos_returned(self, company, condition):
        """The ids of the receipts of which nothing is left: that were given back at the till, whose invoice was
        reversed, or that settled a sales order of which nothing is billed any more."""
        ways = [
            SQL(
                """SELECT o.id FROM (%s) o JOIN pos_order_line line ON line.order_id = o.id
                     JOIN pos_order_line back ON back.refunded_orderline_id = line.id
                     JOIN pos_order refund ON refund.id = back.order_id AND refund.state IN ('paid', 'done')
                          AND refund.partner_id IS NOT NULL
                    GROUP BY o.id, o.amount_total, o.amount_tax
                   HAVING sum(%s) >= o.amount_total - o.amount_tax - 0.000001""",
                self._pos_receipts(company, condition),
                GIVEN_BACK,
            )
        ]
        if moves := reversed_invoices(self.env, company, condition):
            ways.append(SQL("SELECT id FROM pos_order WHERE account_move = ANY(%s)", moves))
        orders = unbilled_orders(self.env, company, condition) if self._pos_settles() else ()
        if orders:
            ways.append(SQL("SELECT order_id FROM pos_order_line WHERE sale_order_origin_id = ANY(%s)", orders))
        self.env.flush_all()
        return [row[0] for row in self.env.execute_query(SQL(" UNION ").join(ways))]

    @api.model
    def _pos_receipts(self, company, condition):
        """SELECT of the receipts of some partners."""
        return SQL(
            """SELECT id, amount_total, amount_tax, currency_rate FROM pos_order
                WHERE state IN ('paid', 'done') AND company_id = %s AND amount_total > 0 AND %s""",
            company.id,
            condition,
        )

    # ------------------------------------------------------------------ what takes orders back

    @api.model
    def _counted_credit_notes(self):
        """The credit note of a refund at the till is that refund's own: it counts there."""
        not_of_pos = SQL("NOT EXISTS (SELECT FROM pos_order WHERE pos_order.account_move = account_move.id)")
        return SQL("%s AND %s", super()._counted_credit_notes(), not_of_pos)

    @api.model
    def _billed_queries(self):
        """The invoice of a receipt bills what was counted at the till, or with the sales order that it settled."""
        order = SQL("NULL::int")
        if self._pos_settles():
            order = SQL(
                "(SELECT min(line.sale_order_origin_id) FROM pos_order_line line WHERE line.order_id = pos_order.id)"
            )
        receipts = SQL(
            """SELECT account_move AS move_id, %s AS order_id FROM pos_order
                WHERE account_move IN (SELECT id FROM involved) AND state IN ('paid', 'done')""",
            order,
        )
        return [*super()._billed_queries(), receipts]

    @api.model
    def _returned_queries(self, company, condition):
        """What was given back at the till of sales orders that were settled there."""
        found = super()._returned_queries(company, condition)
        if not self._pos_settles():
            return found
        settled = SQL(
            """SELECT line.sale_order_origin_id AS order_id,
                      %s / COALESCE(NULLIF(o.currency_rate, 0), 1) AS amount
                 FROM (%s) o JOIN pos_order_line line ON line.order_id = o.id
                 JOIN pos_order_line back ON back.refunded_orderline_id = line.id
                 JOIN pos_order refund ON refund.id = back.order_id AND refund.state IN ('paid', 'done')
                      AND refund.partner_id IS NOT NULL
                WHERE line.sale_order_origin_id IS NOT NULL""",
            GIVEN_BACK,
            self._pos_receipts(company, condition),
        )
        return [*found, settled]
