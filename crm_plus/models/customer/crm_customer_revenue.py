from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .crm_customer_scores import EARLIEST


class CrmCustomerProfile(models.Model):
    _inherit = "crm.customer.profile"

    @api.model
    def _document_queries(self, company, condition):
        """One SELECT a source of revenue, a row a document: (partner_id, moment, amount, is_order).

        Intended to be extended: a module that knows another source appends its query. ``condition`` is on
        ``partner_id`` and narrows the refresh to some partners. The amount is untaxed, in the currency of the company
        at the rate of the document; refunds are negative and no order, nor is what is worth nothing. The moment is in
        UTC.
        """
        if company.crm_plus_revenue_basis == "invoice":
            return [self._invoice_query(company, ("out_invoice", "out_refund"), condition)]
        return [self._order_query(company, condition), self._credit_query(company, condition)]

    @api.model
    def _document_fields(self):
        """Per model what `_document_queries` reads that the timeline does not show: customers are refreshed after a
        change of these as well. Intended to be extended with the query."""
        return {
            "sale.order": frozenset({"amount_untaxed", "currency_rate"}),
            "account.move": frozenset({"amount_untaxed_signed"}),
        }

    @api.model
    def _order_query(self, company, condition):
        return SQL(
            """SELECT partner_id, date_order AS moment, amount_untaxed > 0 AS is_order,
                      CASE WHEN currency_id = %(currency)s THEN amount_untaxed
                           ELSE amount_untaxed / COALESCE(NULLIF(currency_rate, 0), 1) END AS amount
                 FROM sale_order WHERE state = 'sale' AND company_id = %(company)s AND %(condition)s""",
            currency=company.currency_id.id,
            company=company.id,
            condition=condition,
        )

    @api.model
    def _invoice_query(self, company, move_types, condition):
        return SQL(
            """SELECT partner_id, invoice_date + %(noon)s AS moment,
                      move_type = 'out_invoice' AND amount_untaxed_signed > 0 AS is_order,
                      amount_untaxed_signed AS amount
                 FROM account_move WHERE state = 'posted' AND move_type IN %(types)s AND company_id = %(company)s
                      AND partner_id IS NOT NULL AND %(condition)s""",
            noon=company._crm_plus_noon(),
            types=tuple(move_types),
            company=company.id,
            condition=condition,
        )

    @api.model
    def _credit_query(self, company, condition):
        """What credit notes take back of confirmed orders: such of their lines as bill lines of these, down payments
        apart, and as far as less remains billed than is ordered: a corrected order has lost nothing. A credit note
        without any such line counts in full if it was made by hand, or for an invoice of such an order; one for another
        invoice takes back what was never counted.

        Set-based from the credit notes, which are few: without any it costs what finding none costs.
        """
        return SQL(
            """(WITH note AS (
                    SELECT id, partner_id, invoice_date, amount_untaxed_signed AS total, reversed_entry_id AS reversed
                      FROM account_move
                     WHERE state = 'posted' AND move_type = 'out_refund' AND company_id = %(company)s
                           AND partner_id IS NOT NULL AND %(condition)s),
                     involved AS (SELECT id FROM note UNION SELECT reversed FROM note WHERE reversed IS NOT NULL),
                     line AS (
                    SELECT l.move_id, LEAST(l.balance, sum(%(lost)s)) AS balance,
                           bool_or(o.state = 'sale' AND ordered.is_downpayment IS NOT TRUE) AS sold
                      FROM involved JOIN account_move_line l ON l.move_id = involved.id
                      JOIN sale_order_line_invoice_rel origin ON origin.invoice_line_id = l.id
                      JOIN sale_order_line ordered ON ordered.id = origin.order_line_id
                      JOIN sale_order o ON o.id = ordered.order_id
                     GROUP BY l.id),
                     billed AS (
                    SELECT move_id, COALESCE(sum(balance) FILTER (WHERE sold), 0) AS amount, bool_or(sold) AS sold
                      FROM line GROUP BY move_id)
                SELECT partner_id, invoice_date + %(noon)s AS moment, FALSE AS is_order,
                       CASE WHEN mine.move_id IS NOT NULL THEN -mine.amount
                            WHEN reversed IS NULL OR invoice.sold THEN total ELSE 0 END AS amount
                  FROM note LEFT JOIN billed mine ON mine.move_id = note.id
                  LEFT JOIN billed invoice ON invoice.move_id = note.reversed)""",
            company=company.id,
            condition=condition,
            noon=company._crm_plus_noon(),
            lost=SQL(
                """GREATEST(ordered.price_subtotal - ordered.untaxed_amount_invoiced, 0)
                   / COALESCE(NULLIF(o.currency_rate, 0), 1)"""
            ),
        )

    @api.model
    def _customers_query(self, company, scope):
        """Every customer of the scope with its figures: (partner_id, first, last, orders, revenue, recent_orders,
        recent_revenue), the last two since the day `_crm_plus_tier_since`.

        Contacts are added up to their commercial partner after each source is grouped, which is the cheaper order.
        The company itself and internal users are no customers; nor is who never ordered anything.
        """
        return SQL(
            """SELECT p.commercial_partner_id AS partner_id, greatest(min(g.first), %(earliest)s) AS first,
                      greatest(max(g.last), %(earliest)s) AS last,
                      sum(g.orders)::int AS orders, round(sum(g.revenue), %(digits)s) AS revenue,
                      sum(g.recent_orders)::int AS recent_orders,
                      round(COALESCE(sum(g.recent_revenue), 0), %(digits)s) AS recent_revenue
                 FROM (%(sources)s) g
                 JOIN res_partner p ON p.id = g.partner_id AND %(scope)s
                WHERE NOT EXISTS (SELECT FROM res_partner c WHERE c.id = p.commercial_partner_id
                                     AND c.partner_share IS NOT TRUE)
                  AND NOT EXISTS (SELECT FROM res_company own WHERE own.partner_id = p.commercial_partner_id)
                GROUP BY p.commercial_partner_id HAVING sum(g.orders) > 0""",
            digits=company.currency_id.decimal_places,
            earliest=EARLIEST,
            scope=scope.on(SQL("p.commercial_partner_id")),
            sources=SQL(" UNION ALL ").join(
                self._revenue_query(company, query) for query in self._sources(company, scope)
            ),
        )

    @api.model
    def _sources(self, company, scope):
        """The `_document_queries` of a scope; what is known by ids has been fetched once, by `_fetch_documents`."""
        if scope.ids is not None:
            return [SQL("SELECT * FROM crm_plus_documents")]
        return self._document_queries(company, scope.documents())

    @api.model
    def _fetch_documents(self, company, scope):
        """Make ``crm_plus_documents`` for a few customers: the dear part is to find each in its table."""
        self.env.cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE crm_plus_documents ON COMMIT DROP AS %s",
                SQL(" UNION ALL ").join(self._document_queries(company, scope.documents())),
            )
        )
        self.env.cr.execute("ANALYZE crm_plus_documents")

    @api.model
    def _revenue_query(self, company, documents):
        """The documents of one source added up by partner alone: there is no faster sort than that of one number.

        What is dated after today counts from its day on: a slip of the keyboard must not be the newest order for years.
        """
        return SQL(
            """SELECT partner_id, min(moment) FILTER (WHERE is_order) AS first,
                      max(moment) FILTER (WHERE is_order) AS last, count(*) FILTER (WHERE is_order) AS orders,
                      sum(amount) AS revenue,
                      count(*) FILTER (WHERE is_order AND moment >= %(since)s) AS recent_orders,
                      sum(amount) FILTER (WHERE moment >= %(since)s) AS recent_revenue
                 FROM (%(documents)s) document WHERE moment < %(tomorrow)s GROUP BY partner_id""",
            tomorrow=company._crm_plus_start_of_day(company._crm_plus_today() + timedelta(days=1)),
            since=company._crm_plus_start_of_day(company._crm_plus_tier_since()),
            documents=documents,
        )
