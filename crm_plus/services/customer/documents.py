"""Documents that are revenue of customers, a row each, and what they add up to."""

from datetime import datetime, timedelta

from odoo.tools import SQL

from .returns import none_of
from .scope import Scope

# What is dated earlier is a slip of the keyboard; it counts, as of this moment: neither calendars nor Python's time
# zones go back for ever.
EARLIEST = datetime(1900, 1, 2)


# Contacts ``c`` of customers. Whose customer a partner is, is told by `customer_of` where they are joined to it: a
# table of them alone is looked up faster than one of all partners.
CONTACTS = SQL("(SELECT id, commercial_partner_id FROM res_partner WHERE commercial_partner_id <> id) c")


def customer_of(partner):
    """SQL: the customer whose contact a partner is, or the partner itself; where `CONTACTS` are joined to it."""
    return SQL("COALESCE(c.commercial_partner_id, %s)", partner)


def order_query(company, condition, returned=()):
    """Confirmed orders; those of ``returned``, ids, were taken back in full and are no purchase."""
    return SQL(
        """SELECT partner_id, date_order AS moment, amount_untaxed > 0 AND %(kept)s AS is_order,
                  CASE WHEN currency_id = %(currency)s THEN amount_untaxed
                       ELSE amount_untaxed / COALESCE(NULLIF(currency_rate, 0), 1) END AS amount
             FROM sale_order WHERE state = 'sale' AND company_id = %(company)s AND %(condition)s""",
        kept=none_of(SQL("id"), returned),
        currency=company.currency_id.id,
        company=company.id,
        condition=condition,
    )


def order_margin_query(company, condition):
    """The margins of confirmed orders, as the host's app for margins has them: (partner_id, moment, margin)."""
    return SQL(
        """SELECT partner_id, date_order AS moment, margin / COALESCE(NULLIF(currency_rate, 0), 1) AS margin
             FROM sale_order WHERE state = 'sale' AND company_id = %s AND %s""",
        company.id,
        condition,
    )


def invoice_query(company, move_types, condition, reversed_ids=(), continuing_ids=()):
    """Posted invoices and credit notes, at the rate of each document. Invoices of which nothing is left
    (``reversed_ids``) are no purchase, and what takes them back counts at their own rate; nor are those that go on with
    a purchase (``continuing_ids``)."""
    return SQL(
        """SELECT partner_id, invoice_date + %(noon)s AS moment,
                  move_type = 'out_invoice' AND amount_untaxed_signed > 0 AND %(kept)s AS is_order,
                  %(amount)s AS amount
             FROM account_move WHERE state = 'posted' AND move_type IN %(types)s AND company_id = %(company)s
                  AND partner_id IS NOT NULL AND %(condition)s""",
        noon=company._crm_plus_noon(),
        kept=none_of(SQL("id"), [*reversed_ids, *continuing_ids]),
        amount=_signed(company, reversed_ids),
        types=tuple(move_types),
        company=company.id,
        condition=condition,
    )


def _signed(company, reversed_ids):
    """SQL of what a move adds; a complete reversal in another currency takes back what its invoice has added."""
    if not reversed_ids:
        return SQL("amount_untaxed_signed")
    return SQL(
        """CASE WHEN move_type = 'out_refund' AND currency_id <> %s AND reversed_entry_id = ANY(%s)
                THEN -amount_untaxed * (SELECT invoice.amount_untaxed_signed / invoice.amount_untaxed
                                          FROM account_move invoice
                                         WHERE invoice.id = account_move.reversed_entry_id
                                               AND invoice.currency_id = account_move.currency_id)
                ELSE amount_untaxed_signed END""",
        company.currency_id.id,
        list(reversed_ids),
    )


def order_day(company, value):
    """The day of a moment in the time zone of the company; of one before `EARLIEST`, the day of that."""
    return SQL("(greatest(%s, %s) AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", value, EARLIEST, company._crm_plus_tz())


def on_two_days(company, first, last):
    """SQL: whether two moments of a profile are on two days, the first before the last. To tell their days is dear: it
    is asked of those only that are close together."""
    return SQL(
        "(%(last)s >= %(first)s + interval '2 days' OR %(last)s > %(first)s AND %(last_day)s > %(first_day)s)",
        first=first,
        last=last,
        first_day=order_day(company, first),
        last_day=order_day(company, last),
    )


def of_customers(customers):
    """SQL on ``partner_id`` of a document: whether its partner is part of one of ``customers``, a SELECT of commercial
    partners."""
    return SQL("partner_id IN (SELECT id FROM res_partner WHERE commercial_partner_id IN (%s))", customers)


def with_margins(env, company, condition):
    """SELECT of (partner_id, moment, is_order, amount, margin): the documents whose ``partner_id`` meets ``condition``,
    and their margins in rows of their own. All margins are NULL where the host knows of none."""
    profiles = env["crm.customer.profile"]
    margins = profiles._margin_queries(company, condition)
    none = SQL("0::numeric") if margins else SQL("NULL::numeric")
    rows = [
        SQL("SELECT partner_id, moment, is_order, amount, %s AS margin FROM (%s) d", none, query)
        for query in profiles._document_queries(company, condition)
    ]
    rows += [SQL("SELECT partner_id, moment, FALSE, 0, margin::numeric FROM (%s) m", query) for query in margins]
    return SQL(" UNION ALL ").join(rows)


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
        recent_revenue, window_orders, window_revenue, margin, recent_margin).

        Recent are those since the day `_crm_plus_tier_since`, in the window those since `_crm_plus_window_since`.
        Contacts are added up to their commercial partner after each source is grouped, which is the cheaper order.
        The company itself and internal users are no customers; nor is who never ordered anything.
        """
        return self._with_margins(SQL(
            """SELECT p.commercial_partner_id AS partner_id, greatest(min(g.first), %(earliest)s) AS first,
                      greatest(max(g.last), %(earliest)s) AS last,
                      sum(g.orders)::int AS orders, round(sum(g.revenue), %(digits)s) AS revenue,
                      sum(g.recent_orders)::int AS recent_orders,
                      round(COALESCE(sum(g.recent_revenue), 0), %(digits)s) AS recent_revenue %(window)s
                 FROM (%(sources)s) g
                 JOIN res_partner p ON p.id = g.partner_id AND %(scope)s
                WHERE NOT EXISTS (SELECT FROM res_partner c WHERE c.id = p.commercial_partner_id
                                     AND c.partner_share IS NOT TRUE)
                  AND NOT EXISTS (SELECT FROM res_company own WHERE own.partner_id = p.commercial_partner_id)
                GROUP BY p.commercial_partner_id HAVING sum(g.orders) > 0""",
            digits=self.company.currency_id.decimal_places,
            window=self._window_columns(),
            earliest=EARLIEST,
            scope=self.scope.on(SQL("p.commercial_partner_id")),
            sources=SQL(" UNION ALL ").join(self._revenue_query(query) for query in self._sources()),
        ))  # fmt: skip

    def _with_margins(self, customers):
        """The figures with the margins of all time and since the day `_crm_plus_tier_since`; unknown where the host has
        none."""
        margins = self.env["crm.customer.profile"]._margin_queries(self.company, self.scope.documents())
        if not self.company._crm_plus_window_since():
            # Without a window it is all there is: no second sum.
            customers = SQL("SELECT *, orders AS window_orders, revenue AS window_revenue FROM (%s) every", customers)
        if not margins:
            return SQL("SELECT *, NULL::numeric AS margin, NULL::numeric AS recent_margin FROM (%s) c", customers)
        return SQL(
            """SELECT c.*, round(COALESCE(m.margin, 0), %(digits)s) AS margin,
                      round(COALESCE(m.recent_margin, 0), %(digits)s) AS recent_margin
                 FROM (%(customers)s) c LEFT JOIN (
                      SELECT p.commercial_partner_id AS partner_id, sum(d.margin)::numeric AS margin,
                             (sum(d.margin) FILTER (WHERE d.moment >= %(since)s))::numeric AS recent_margin
                        FROM (%(margins)s) d JOIN res_partner p ON p.id = d.partner_id
                       WHERE d.moment < %(tomorrow)s GROUP BY p.commercial_partner_id) m USING (partner_id)""",
            digits=self.company.currency_id.decimal_places,
            customers=customers,
            margins=SQL(" UNION ALL ").join(margins),
            since=self.company._crm_plus_start_of_day(self.company._crm_plus_tier_since()),
            tomorrow=self.company._crm_plus_start_of_day(self.company._crm_plus_today() + timedelta(days=1)),
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

    def order_span_query(self, today, span):
        """The moments of the first and last order of each customer, the first within ``span`` before ``today``
        (``recent``) and the last before that (``before``): (partner_id, first, last, recent, before)."""
        return SQL(
            """SELECT c.commercial_partner_id AS partner_id, min(g.first) AS first, max(g.last) AS last,
                      min(g.recent) AS recent, max(g.before) AS before
                 FROM (SELECT partner_id, min(moment) AS first, max(moment) AS last,
                              min(moment) FILTER (WHERE moment >= %(since)s) AS recent,
                              max(moment) FILTER (WHERE moment < %(since)s) AS before
                         FROM (%(documents)s) d WHERE is_order AND moment < %(end)s GROUP BY partner_id) g
                 JOIN res_partner c ON c.id = g.partner_id
                WHERE %(scope)s GROUP BY c.commercial_partner_id""",
            since=self.company._crm_plus_start_of_day(today - span),
            documents=SQL(" UNION ALL ").join(self._sources()),
            end=self.company._crm_plus_start_of_day(today + timedelta(days=1)),
            scope=self.scope.on(SQL("c.commercial_partner_id")),
        )

    def _window_columns(self):
        """SQL of the sums of the window of the rows ``g``, if the company has one."""
        if not self.company._crm_plus_window_since():
            return SQL("")
        return SQL(
            """, COALESCE(sum(g.window_orders), 0)::int AS window_orders,
                 round(COALESCE(sum(g.window_revenue), 0), %s) AS window_revenue""",
            self.company.currency_id.decimal_places,
        )

    def _window_sums(self):
        """SQL of the sums of a window, if the company has one."""
        since = self.company._crm_plus_window_since()
        if not since:
            return SQL("")
        return SQL(
            """, count(*) FILTER (WHERE is_order AND moment >= %(since)s) AS window_orders,
                 sum(amount) FILTER (WHERE moment >= %(since)s) AS window_revenue""",
            since=self.company._crm_plus_start_of_day(since),
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
                      sum(amount) FILTER (WHERE moment >= %(since)s) AS recent_revenue %(window)s
                 FROM (%(documents)s) document WHERE moment < %(tomorrow)s GROUP BY partner_id""",
            tomorrow=self.company._crm_plus_start_of_day(self.company._crm_plus_today() + timedelta(days=1)),
            since=self.company._crm_plus_start_of_day(self.company._crm_plus_tier_since()),
            window=self._window_sums(),
            documents=documents,
        )
