"""Documents that are revenue of customers, a row each, and what they add up to."""

from datetime import datetime, timedelta

from odoo.tools import SQL

from .scope import Scope

# What is dated earlier is a slip of the keyboard; it counts, as of this moment: neither calendars nor Python's time
# zones go back for ever.
EARLIEST = datetime(1900, 1, 2)


def order_query(company, condition):
    return SQL(
        """SELECT partner_id, date_order AS moment, amount_untaxed > 0 AS is_order,
                  CASE WHEN currency_id = %(currency)s THEN amount_untaxed
                       ELSE amount_untaxed / COALESCE(NULLIF(currency_rate, 0), 1) END AS amount
             FROM sale_order WHERE state = 'sale' AND company_id = %(company)s AND %(condition)s""",
        currency=company.currency_id.id,
        company=company.id,
        condition=condition,
    )


def invoice_query(company, move_types, condition):
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


def credit_query(company, condition):
    """What credit notes take back of confirmed orders, as negative amounts."""
    notes = _credit_notes(company, condition)
    return SQL("SELECT partner_id, moment, FALSE AS is_order, amount FROM (%s) credit", notes)


def uncounted_credits(env, company, scope):
    """What credit notes to the customers of a scope come to that take back nothing that was counted."""
    condition = SQL("%s AND %s", scope.documents(), env["crm.customer.profile"]._counted_credit_notes())
    env.flush_all()
    query = SQL("SELECT COALESCE(sum(-uncounted), 0)::float8 FROM (%s) credit", _credit_notes(company, condition))
    return env.execute_query(query)[0][0]


def _credit_notes(company, condition):
    """A row a credit note: (partner_id, moment, amount, uncounted).

    The amount is what it takes back of confirmed orders: such of its lines as bill lines of these, down payments apart,
    and as far as less remains billed than is ordered: a corrected order has lost nothing. A credit note without any
    such line counts in full for an invoice of such an order. One that was made by hand, or for another invoice, takes
    back what was never counted: it is ``uncounted`` in full.

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
            SELECT partner_id, invoice_date + %(noon)s AS moment,
                   CASE WHEN mine.move_id IS NOT NULL THEN -mine.amount
                        WHEN invoice.sold THEN total ELSE 0 END AS amount,
                   CASE WHEN mine.move_id IS NULL AND invoice.sold IS NOT TRUE THEN total ELSE 0 END AS uncounted
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


def order_day(company, value):
    """The day of a moment in the time zone of the company; of one before `EARLIEST`, the day of that."""
    return SQL("(greatest(%s, %s) AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", value, EARLIEST, company._crm_plus_tz())


class Documents:
    """The documents of the customers of a scope in a company.

    Those of a few customers are fetched once, by `fetch`: the dear part is to find each in its table.
    """

    def __init__(self, env, company, scope=None):
        self.env, self.company, self.scope = env, company, scope or Scope()
        self._fetched = False

    def queries(self):
        """One SELECT a source of revenue, as ``crm.customer.profile._document_queries`` has them."""
        return self.env["crm.customer.profile"]._document_queries(self.company, self.scope.documents())

    def kinds(self):
        """Which kinds of documents up to today there are: True for those that are an order, False for the others."""
        self.env.flush_all()
        end = self.company._crm_plus_start_of_day(self.company._crm_plus_today() + timedelta(days=1))
        documents = SQL(" UNION ALL ").join(self._sources())
        rows = self.env.execute_query(
            SQL("SELECT DISTINCT is_order IS TRUE FROM (%s) document WHERE moment < %s", documents, end)
        )
        return {row[0] for row in rows}

    def fetch(self):
        """Make the table that everything else reads from then on, until `drop`."""
        documents = SQL(" UNION ALL ").join(self.queries())
        self.env.cr.execute(SQL("CREATE TEMPORARY TABLE crm_plus_documents ON COMMIT DROP AS %s", documents))
        self.env.cr.execute("ANALYZE crm_plus_documents")
        self._fetched = True

    def drop(self):
        if self._fetched:
            self.env.cr.execute("DROP TABLE crm_plus_documents")
        self._fetched = False

    def _sources(self):
        return [SQL("SELECT * FROM crm_plus_documents")] if self._fetched else self.queries()

    def customers_query(self):
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
            digits=self.company.currency_id.decimal_places,
            earliest=EARLIEST,
            scope=self.scope.on(SQL("p.commercial_partner_id")),
            sources=SQL(" UNION ALL ").join(self._revenue_query(query) for query in self._sources()),
        )

    def order_days_query(self, until):
        """Every day a customer of the scope ordered on, up to ``until``: (partner_id, day, amount)."""
        return SQL(
            """SELECT c.commercial_partner_id AS partner_id, %(day)s AS day, sum(d.amount) AS amount
                 FROM (%(documents)s) d JOIN res_partner c ON c.id = d.partner_id
                WHERE d.is_order AND d.moment < %(end)s AND %(scope)s
                GROUP BY c.commercial_partner_id, %(day)s""",
            day=order_day(self.company, SQL("d.moment")),
            documents=SQL(" UNION ALL ").join(self._sources()),
            end=self.company._crm_plus_start_of_day(until + timedelta(days=1)),
            scope=self.scope.on(SQL("c.commercial_partner_id")),
        )

    def _revenue_query(self, documents):
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
            tomorrow=self.company._crm_plus_start_of_day(self.company._crm_plus_today() + timedelta(days=1)),
            since=self.company._crm_plus_start_of_day(self.company._crm_plus_tier_since()),
            documents=documents,
        )
