"""What the models of purchases read of each customer."""

from odoo.tools import SQL

from ..arrays import copy_out

# What the models read of each customer; the names are those of ``engine.customer.purchase``, times are in days.
SUMMARY = (
    ("partner_id", "int4"), ("frequency", "int4"), ("recency", "int4"), ("age", "int4"), ("value", "float8"),
    ("orders", "int4"), ("revenue", "float8"), ("mean", "float8"), ("paid", "int4"), ("log_mean", "float8"),
    ("log_amount_spread", "float8"),
)  # fmt: skip


SHARE_LEAST = 0.01  # that remains of what came back whole: its logarithm must be a number


class Summary:
    """The history of the customers of some `Documents` who ordered by the day ``until``, in ``crm_plus_summary``.

    ``figures`` is SQL of (partner_id, orders, revenue, margin), by default as the profiles have them.
    """

    def __init__(self, documents, until, figures=None):
        self.env, self.documents, self.until = documents.env, documents, until
        self.figures = figures or SQL(
            """SELECT partner_id, order_count AS orders, revenue, margin FROM crm_customer_profile
                WHERE company_id = %s AND order_count > 0""",
            documents.company.id,
        )

    def make(self):
        """Make ``crm_plus_summary``, a row a customer of the scope with figures who ordered by the day ``until``.

        The SQL twin of ``engine.customer.purchase.summarize`` and of ``engine.customer.rhythm``: one statement. The
        value is net of the share of the customer's revenue that came back as credit notes.
        """
        self.env.cr.execute(
            SQL(
                """CREATE TEMPORARY TABLE crm_plus_summary ON COMMIT DROP AS
                   WITH days AS (%(days)s),
                        gaps AS (SELECT *, (day - lag(day) OVER (PARTITION BY partner_id ORDER BY day))::float8 AS gap
                                   FROM days),
                        sums AS (SELECT partner_id, count(*)::int AS n, min(day) AS first, max(day) AS last,
                                        sum(amount) AS gross, avg(amount) FILTER (WHERE gap IS NOT NULL) AS value,
                                        percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) AS gap,
                                        avg(ln(gap)) AS log_gap, COALESCE(var_samp(ln(gap)), 0) AS log_spread,
                                        max(gap) AS longest, count(*) FILTER (WHERE amount > 0)::int AS paid,
                                        avg(ln(amount::float8)) FILTER (WHERE amount > 0) AS log_mean,
                                        var_samp(ln(amount::float8)) FILTER (WHERE amount > 0) AS log_amount_spread
                                   FROM gaps GROUP BY partner_id)
                   SELECT s.partner_id, s.n - 1 AS frequency, s.last - s.first AS recency,
                          %(until)s - s.first AS age, s.gap, s.log_gap, s.log_spread, s.longest, s.last AS last_day,
                          COALESCE(s.value * net.share, 0)::float8 AS value,
                          p.orders, greatest(p.revenue, 0)::float8 AS revenue,
                          greatest(p.margin / NULLIF(p.revenue, 0), 0) AS margin_share,
                          COALESCE(s.gross / s.n * net.share, 0)::float8 AS mean, s.paid,
                          COALESCE(s.log_mean + ln(greatest(net.share, %(least)s)::float8), 0)::float8 AS log_mean,
                          COALESCE(s.log_amount_spread, 0)::float8 AS log_amount_spread
                     FROM sums s JOIN (%(figures)s) p ON p.partner_id = s.partner_id,
                          LATERAL (SELECT greatest(least(p.revenue / NULLIF(s.gross, 0), 1), 0) AS share) net""",
                least=SHARE_LEAST,
                days=self.documents.order_days_query(self.until),
                figures=self.figures,
                until=self.until,
            )
        )

    def read(self):  # pylint: disable=method-required-super  # no model: nothing to call
        """The rows of ``crm_plus_summary`` as numpy arrays by name."""
        return copy_out(
            self.env,
            SQL(
                "SELECT %s FROM crm_plus_summary ORDER BY partner_id",
                SQL(", ").join(SQL.identifier(n) for n, _t in SUMMARY),
            ),
            SUMMARY,
        )

    def population_gap(self):
        """The median of the customers' median gaps: the SQL twin of ``engine.customer.rhythm.population_interval``."""
        rows = self.env.execute_query(
            SQL("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) FROM crm_plus_summary")
        )
        return rows[0][0]

    def population_spread(self):
        """The SQL twin of ``engine.customer.rhythm.population_spread``."""
        rows = self.env.execute_query(
            SQL(
                """SELECT sqrt(sum((frequency - 1) * log_spread) / NULLIF(sum(frequency - 1), 0))
                     FROM crm_plus_summary WHERE frequency > 1"""
            )
        )
        return rows[0][0]

    def drop(self):
        self.env.cr.execute("DROP TABLE crm_plus_summary")


def read_order_days(documents, until):
    """The days that the customers of `Documents` ordered on, up to ``until``, and what for, as numpy arrays; days count
    from 1970."""
    query = SQL(
        "SELECT partner_id, day - date '1970-01-01' AS day, COALESCE(amount, 0)::float8 AS amount FROM (%s) d",
        documents.order_days_query(until),
    )
    return copy_out(documents.env, query, (("partner_id", "int4"), ("day", "int4"), ("amount", "float8")))


def purchase_summary(rows):
    """The rows of a `Summary` as the engine's models read them."""
    from ...engine.customer.purchase import PurchaseSummary, Spending

    spending = Spending(*(rows[name] for name in ("mean", "paid", "log_mean", "log_amount_spread")))
    history = (rows[name] for name in ("partner_id", "frequency", "recency", "age", "value"))
    return PurchaseSummary(*history, spending)
