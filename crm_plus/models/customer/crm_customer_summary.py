from datetime import timedelta
from io import BytesIO

from odoo import api, models
from odoo.tools import SQL

# What the models read of each customer; the names are those of ``engine.customer.purchase``, times are in days.
SUMMARY = (
    ("partner_id", "int4"), ("frequency", "int4"), ("recency", "int4"), ("age", "int4"), ("value", "float8"),
    ("orders", "int4"), ("revenue", "float8"), ("past_frequency", "int4"), ("past_recency", "int4"),
    ("past_age", "int4"), ("repeated", "int4"), ("came", "int4"),
)  # fmt: skip


class CrmCustomerProfile(models.Model):
    _inherit = "crm.customer.profile"

    @api.model
    def _summarize(self, company, scope, until, split=None):
        """Make ``crm_plus_summary``, a row a customer of the scope with figures who ordered by the day ``until``.

        The SQL twin of ``engine.customer.purchase.summarize`` and of ``engine.customer.rhythm``: one statement. The
        value is net of the share of the customer's revenue that came back as credit notes. With a day ``split`` it also
        tells the past up to then from what came after: the history then, the order days after (``came``) and
        those in the equally long time before (``repeated``).
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
                                        count(*) FILTER (WHERE day <= %(split)s) AS past,
                                        max(day) FILTER (WHERE day <= %(split)s) AS past_last,
                                        count(*) FILTER (WHERE day > %(split)s) AS came,
                                        count(*) FILTER (WHERE day <= %(split)s AND day > %(before)s) AS repeated
                                   FROM gaps GROUP BY partner_id)
                   SELECT s.partner_id, s.n - 1 AS frequency, s.last - s.first AS recency,
                          %(until)s - s.first AS age, s.gap, s.last AS last_day,
                          COALESCE(s.value * greatest(least(p.revenue / s.gross, 1), 0), 0)::float8 AS value,
                          p.orders, greatest(p.revenue, 0)::float8 AS revenue,
                          (s.past - 1)::int AS past_frequency, COALESCE(s.past_last - s.first, 0) AS past_recency,
                          greatest(%(split)s - s.first, 0) AS past_age, s.came::int AS came, s.repeated::int AS repeated
                     FROM sums s JOIN (%(figures)s) p ON p.partner_id = s.partner_id""",
                days=self._order_days_query(company, scope, until),
                figures=self._known_figures(company, scope),
                until=until,
                split=split or until,
                before=(split - (until - split)) if split else until,
            )
        )

    @api.model
    def _known_figures(self, company, scope):
        """SQL of (partner_id, orders, revenue): as they have just been added up, or as the profiles have them."""
        if scope.ids is not None:
            return SQL("SELECT partner_id, orders, revenue FROM crm_plus_fresh")
        return SQL(
            "SELECT partner_id, order_count AS orders, revenue FROM crm_customer_profile WHERE company_id = %s",
            company.id,
        )

    @api.model
    def _order_days_query(self, company, scope, until):
        """Every day a customer of the scope ordered on, up to ``until``: (partner_id, day, amount)."""
        return SQL(
            """SELECT c.commercial_partner_id AS partner_id, %(day)s AS day, sum(d.amount) AS amount
                 FROM (%(documents)s) d JOIN res_partner c ON c.id = d.partner_id
                WHERE d.is_order AND d.moment < %(end)s AND %(scope)s
                GROUP BY c.commercial_partner_id, %(day)s""",
            day=self._order_day(company, SQL("d.moment")),
            documents=SQL(" UNION ALL ").join(self._sources(company, scope)),
            end=company._crm_plus_start_of_day(until + timedelta(days=1)),
            scope=scope.on(SQL("c.commercial_partner_id")),
        )

    @api.model
    def _orders_after(self, company, scope, split, until):
        """``{days after the day split: order days of all customers}``, up to ``until``: of the customers of
        ``crm_plus_summary`` who had ordered by then."""
        rows = self.env.execute_query(
            SQL(
                """SELECT d.day - %(split)s, count(*)::int FROM (%(days)s) d
                     JOIN crm_plus_summary s ON s.partner_id = d.partner_id AND s.past_frequency >= 0
                    WHERE d.day > %(split)s GROUP BY d.day""",
                split=split,
                days=self._order_days_query(company, scope, until),
            )
        )
        return dict(rows)

    @api.model
    def _read_summary(self):
        """The rows of ``crm_plus_summary`` as numpy arrays by name."""
        return self._copy_out(
            SQL(
                "SELECT %s FROM crm_plus_summary ORDER BY partner_id",
                SQL(", ").join(SQL.identifier(n) for n, _t in SUMMARY),
            ),
            SUMMARY,
        )

    @api.model
    def _copy_out(self, query, columns):
        """A query without NULLs as numpy arrays by name; ``columns`` as ``engine.customer.binary_copy`` has them."""
        from ...engine.customer.binary_copy import decode

        cr, target = self.env.cr, BytesIO()
        text = cr.mogrify(query.code, query.params).decode()
        cr.copy_expert(f"COPY ({text}) TO STDOUT (FORMAT binary)", target)
        return decode(columns, target.getvalue())

    @api.model
    def _copy_in(self, table, columns, values):
        """Make the temporary table ``table`` of numpy arrays by name."""
        from ...engine.customer.binary_copy import encode

        names = SQL(", ").join(SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in columns)
        self.env.cr.execute(SQL("CREATE TEMPORARY TABLE %s (%s) ON COMMIT DROP", SQL.identifier(table), names))
        self.env.cr.copy_expert(f'COPY "{table}" FROM STDIN (FORMAT binary)', BytesIO(encode(columns, values)))
