from odoo import api, models
from odoo.tools import SQL


class CrmCustomerProfile(models.Model):
    """Orders of the point of sale are revenue of their customer, once: never together with their own invoice, nor with
    the sales order they settle."""

    _inherit = "crm.customer.profile"

    @api.model
    def _document_queries(self, company, condition):
        return [*super()._document_queries(company, condition), self._pos_query(company, condition)]

    @api.model
    def _document_fields(self):
        return super()._document_fields() | {"pos.order": frozenset({"amount_tax", "currency_rate", "account_move"})}

    @api.model
    def _pos_query(self, company, condition):
        return SQL(
            """SELECT partner_id, date_order AS moment, amount > 0 AS is_order,
                      CASE WHEN currency_id = %(currency)s THEN amount
                           ELSE amount / COALESCE(NULLIF(currency_rate, 0), 1) END AS amount
                 FROM (SELECT o.partner_id, o.date_order, s.currency_id, o.currency_rate, %(amount)s AS amount
                         FROM pos_order o JOIN pos_session session ON session.id = o.session_id
                         JOIN pos_config s ON s.id = session.config_id
                        WHERE o.state IN ('paid', 'done') AND o.company_id = %(company)s AND o.partner_id IS NOT NULL
                          AND %(counted)s) receipt
                WHERE %(condition)s""",
            currency=company.currency_id.id,
            company=company.id,
            amount=self._pos_amount(company),
            counted=SQL("o.account_move IS NULL") if company.crm_plus_revenue_basis == "invoice" else SQL("TRUE"),
            condition=condition,
        )

    @api.model
    def _pos_amount(self, company):
        """SQL of what an order ``o`` adds: without tax, and without lines that settle a confirmed sales order."""
        settles = "sale_order_origin_id" in self.env["pos.order.line"]._fields
        if company.crm_plus_revenue_basis == "invoice" or not settles:
            return SQL("o.amount_total - o.amount_tax")
        return SQL(
            """o.amount_total - o.amount_tax - COALESCE((SELECT sum(line.price_subtotal) FROM pos_order_line line
                WHERE line.order_id = o.id AND line.sale_order_origin_id IS NOT NULL), 0)"""
        )

    @api.model
    def _counted_credit_notes(self):
        """The credit note of a refund at the till is that refund's own: it counts there."""
        not_of_pos = SQL("NOT EXISTS (SELECT FROM pos_order WHERE pos_order.account_move = account_move.id)")
        return SQL("%s AND %s", super()._counted_credit_notes(), not_of_pos)
