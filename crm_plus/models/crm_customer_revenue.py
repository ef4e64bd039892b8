from odoo import api, models
from odoo.tools import SQL


class CrmCustomerProfile(models.Model):
    _inherit = "crm.customer.profile"

    @api.model
    def _revenue_queries(self, company, condition=SQL("TRUE")):
        """One SELECT a source of revenue, grouped by partner: (partner_id, first, last, orders, revenue,
        recent_orders, recent_revenue), the last two since the day `_crm_plus_tier_since`.

        Intended to be extended: a module that knows another source appends its query. ``condition`` is on ``partner_id``
        and narrows the refresh to some partners. Revenue is untaxed, in the currency of the company at the rate of the
        document; refunds have a negative revenue and are no order.
        """
        if company.crm_plus_revenue_basis == "invoice":
            return [self._invoice_query(company, ("out_invoice", "out_refund"), condition)]
        return [self._order_query(company, condition), self._invoice_query(company, ("out_refund",), condition)]

    @api.model
    def _order_query(self, company, condition):
        return SQL(
            """SELECT partner_id, min(date_order) FILTER (WHERE amount_untaxed > 0) AS first,
                      max(date_order) FILTER (WHERE amount_untaxed > 0) AS last,
                      count(*) FILTER (WHERE amount_untaxed > 0) AS orders, sum(%(amount)s) AS revenue,
                      count(*) FILTER (WHERE amount_untaxed > 0 AND date_order >= %(since)s) AS recent_orders,
                      sum(%(amount)s) FILTER (WHERE date_order >= %(since)s) AS recent_revenue
                 FROM sale_order WHERE state = 'sale' AND company_id = %(company)s AND %(condition)s
                GROUP BY partner_id""",
            amount=SQL(
                """CASE WHEN currency_id = %s THEN amount_untaxed
                        ELSE amount_untaxed / COALESCE(NULLIF(currency_rate, 0), 1) END""",
                company.currency_id.id,
            ),
            since=company._crm_plus_start_of_day(company._crm_plus_tier_since()),
            company=company.id,
            condition=condition,
        )

    @api.model
    def _invoice_query(self, company, move_types, condition):
        return SQL(
            """SELECT partner_id, min(invoice_date) FILTER (WHERE %(is_order)s) + interval '12 hours' AS first,
                      max(invoice_date) FILTER (WHERE %(is_order)s) + interval '12 hours' AS last,
                      count(*) FILTER (WHERE %(is_order)s) AS orders, sum(amount_untaxed_signed) AS revenue,
                      count(*) FILTER (WHERE %(is_order)s AND invoice_date >= %(since)s) AS recent_orders,
                      sum(amount_untaxed_signed) FILTER (WHERE invoice_date >= %(since)s) AS recent_revenue
                 FROM account_move WHERE state = 'posted' AND move_type IN %(types)s AND company_id = %(company)s
                      AND partner_id IS NOT NULL AND %(condition)s
                GROUP BY partner_id""",
            is_order=SQL("move_type = 'out_invoice' AND amount_untaxed_signed > 0"),
            types=tuple(move_types),
            since=company._crm_plus_tier_since(),
            company=company.id,
            condition=condition,
        )

    @api.model
    def _customers_query(self, company, condition=SQL("TRUE")):
        """Every customer of the company with its figures: (partner_id, first, last, orders, revenue, recent_orders,
        recent_revenue).

        Contacts are added up to their commercial partner after each source is grouped, which is the cheaper order.
        The company itself and internal users are no customers; nor is who never ordered anything.
        """
        return SQL(
            """SELECT p.commercial_partner_id AS partner_id, min(g.first) AS first, max(g.last) AS last,
                      sum(g.orders)::int AS orders, round(sum(g.revenue), %(digits)s) AS revenue,
                      sum(g.recent_orders)::int AS recent_orders,
                      round(COALESCE(sum(g.recent_revenue), 0), %(digits)s) AS recent_revenue
                 FROM (%(sources)s) g
                 JOIN res_partner p ON p.id = g.partner_id
                 JOIN res_partner c ON c.id = p.commercial_partner_id
                WHERE c.partner_share AND NOT EXISTS (SELECT FROM res_company own WHERE own.partner_id = c.id)
                GROUP BY p.commercial_partner_id HAVING sum(g.orders) > 0""",
            digits=company.currency_id.decimal_places,
            sources=SQL(" UNION ALL ").join(self._revenue_queries(company, condition)),
        )
