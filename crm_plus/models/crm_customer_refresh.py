import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..profiles.scope import Scope

_logger = logging.getLogger(__name__)

# Customers per step of the incremental refresh.
TOUCHED_STEP = 5_000
# When a company is tried again whose profiles another job is writing.
BUSY = timedelta(minutes=10)
FACTS = (
    "first_order_date", "last_order_date", "order_count", "revenue", "average_order", "recency_score",
    "frequency_score", "monetary_score", "rfm", "recent_order_count", "recent_revenue", "abc_class",
)  # fmt: skip
# The rule of ``engine.rfm``: the score of a value of doubled mid-rank k among n; and the least value of each score.
QUANTILE_SCORE = SQL("CASE WHEN k < n THEN 5 * k / (2 * n) + 1 ELSE (5 * k + 2 * n - 1) / (2 * n) END")
QUANTILE_CUTS = SQL(", ").join(SQL("min(value) FILTER (WHERE score >= %s)::text", score) for score in (2, 3, 4, 5))


class CrmCustomerProfile(models.Model):
    _inherit = "crm.customer.profile"

    @api.model
    def _cron_refresh(self):
        """All customers of every company; one commit a company."""
        self._in_rounds(self.env["res.company"].search([], order="id"), self._refresh_all_of)

    @api.model
    def _refresh_all_of(self, company):
        if not self._refresh_company(company):
            # Another job holds the company: again, then, in a while.
            self.env.ref("crm_plus.ir_cron_refresh_profiles")._trigger(fields.Datetime.now() + BUSY)

    @api.model
    def _cron_refresh_touched(self):
        """Only the customers something has happened with since the last time."""
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.env["crm.customer.queue"].search_count([]))
        while count := self._retried(self._refresh_queued, self.env["res.company"].search([])):
            if not cron._commit_progress(count):
                return
        cron._commit_progress(remaining=0)

    @api.model
    def _refresh_queued(self, companies):
        """Refresh the next customers of the queue; how many.

        While a full refresh goes on, which may have begun before these events, they stay in the queue.
        """
        if not all(map(self._lock_company, companies)):
            return 0
        partner_ids = self.env["crm.customer.queue"]._take(TOUCHED_STEP)
        for company in companies if partner_ids else ():
            self._refresh_company(company, partner_ids if company.crm_plus_profile_date else None)
        return len(partner_ids)

    @api.model
    def _refresh_company(self, company, partner_ids=None):
        """Bring the profiles of a company up to date: all, or those of the customers ``partner_ids``.

        Four statements whatever the number of customers: aggregate into a temporary table, update what differs, insert
        what is missing, delete what is gone. Nothing that stays the same is written.
        """
        # Conditions of segments may read what differs from company to company.
        self = self.with_company(company)
        self.env.flush_all()
        # Two refreshes of one company would only collide; the later one waits for the next time.
        if not self._lock_company(company):
            return False
        self._aggregate(company, partner_ids)
        # As long as the company has nobody else, these customers are all there are.
        if partner_ids is None or not company._crm_plus_knows_limits():
            self._recompute_cuts(company)
        counts = self._store_facts(company, partner_ids)
        self._after_refresh(company, partner_ids)
        self.env.cr.execute("DROP TABLE IF EXISTS crm_plus_fresh, crm_plus_documents")
        if partner_ids is None:
            # sudo: only notes when the profiles were refreshed.
            company.sudo().crm_plus_profile_date = fields.Datetime.now()
        self.invalidate_model(flush=False)
        _logger.info("Customer profiles of %s: %s", company.name, counts)
        return True

    @api.model
    def _after_refresh(self, company, partner_ids):
        """Hook, intended to be extended: what follows from the facts, such as segments. ``crm_plus_fresh`` still holds
        the refreshed customers (partner_id, first, last, orders, revenue)."""

    @api.model
    def _scope(self, partner_ids):
        """Condition on profiles ``p``: those of these customers, or all."""
        return SQL("TRUE") if partner_ids is None else SQL("p.partner_id = ANY(%s)", list(partner_ids))

    def _lock_company(self, company):
        return self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(hashtext('crm.customer.profile'), %s)", company.id)
        )[0][0]

    def _aggregate(self, company, partner_ids):
        scope = Scope() if partner_ids is None else Scope(ids=tuple(partner_ids))
        self._prepare(scope)
        if scope.ids is not None:
            self._fetch_documents(company, scope)
        self.env.cr.execute(
            SQL("CREATE TEMPORARY TABLE crm_plus_fresh ON COMMIT DROP AS %s", self._customers_query(company, scope))
        )
        self.env.cr.execute("CREATE UNIQUE INDEX ON crm_plus_fresh (partner_id)")
        self.env.cr.execute("ANALYZE crm_plus_fresh")

    def _prepare(self, scope):
        """Settings of the planner that fit the work; they end with the transaction."""
        # It needs to know how many rows a temporary table has, not how their values are spread.
        self.env.cr.execute("SET LOCAL default_statistics_target = 10")
        if scope.ids is None:
            # Grouping a million customers spills to disk otherwise.
            self.env.cr.execute("SET LOCAL work_mem = '256MB'")
        else:
            # The documents of a few customers are found by the index, sooner than helpers have started.
            self.env.cr.execute("SET LOCAL random_page_cost = 1.1")
            self.env.cr.execute("SET LOCAL max_parallel_workers_per_gather = 0")

    # ------------------------------------------------------------------ scores

    def _recompute_cuts(self, company):
        """Cut-points of the scores and of the ABC classes from all customers.

        They stay until the next full refresh, so that a customer refreshed in between is scored like all the others.
        """
        cuts = {}
        cuts["monetary"], cuts["abc"] = self._revenue_cuts()
        if company.crm_plus_rfm_mode == "quantile":
            cuts["recency"] = self._quantile_cuts(self._order_day(company, SQL("last")))
            cuts["frequency"] = self._quantile_cuts(SQL("orders"))
        if cuts != company.crm_plus_rfm_cuts:
            company.sudo().crm_plus_rfm_cuts = cuts  # sudo: a column of ours that nobody writes by hand
            company.flush_recordset()

    def _quantile_cuts(self, value):
        """The SQL twin of ``engine.rfm.quantile_cuts``: four texts, None where nobody scores that high."""
        rows = self.env.execute_query(
            SQL(
                """WITH v AS (SELECT %(value)s AS value, count(*)::int AS c FROM crm_plus_fresh GROUP BY 1),
                        r AS (SELECT value, 2 * sum(c) OVER (ORDER BY value) - c AS k, sum(c) OVER () AS n FROM v)
                   SELECT %(cuts)s FROM (SELECT value, %(score)s AS score FROM r) s""",
                value=value,
                score=QUANTILE_SCORE,
                cuts=QUANTILE_CUTS,
            )
        )
        return list(rows[0])

    def _revenue_cuts(self):
        """`_quantile_cuts` of the revenue, and the least revenue of class B and of class A: one sort for both.

        The SQL twin of ``engine.pareto.abc_classes``: who has more than a customer brings less than 80 % of the total
        if that customer and those with as much or less bring more than 20 %.
        """
        rows = self.env.execute_query(
            SQL(
                """WITH v AS (SELECT revenue AS value, count(*)::int AS c, sum(greatest(revenue, 0)) AS mass
                                FROM crm_plus_fresh GROUP BY revenue),
                        r AS (SELECT value, 2 * sum(c) OVER w - c AS k, sum(c) OVER () AS n, sum(mass) OVER w AS upto,
                                     sum(mass) OVER () AS total FROM v WINDOW w AS (ORDER BY value))
                   SELECT %(cuts)s, min(value) FILTER (WHERE value > 0 AND 100 * upto > 5 * total)::text,
                          min(value) FILTER (WHERE value > 0 AND 100 * upto > 20 * total)::text
                     FROM (SELECT value, upto, total, %(score)s AS score FROM r) s""",
                score=QUANTILE_SCORE,
                cuts=QUANTILE_CUTS,
            )
        )
        return list(rows[0][:4]), list(rows[0][4:])

    @api.model
    def _order_day(self, company, value):
        """The day of a moment in the time zone of the company."""
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", value, company._crm_plus_tz())

    @api.model
    def _score(self, company, name, value, cast):
        """SQL of a score 1 to 5; the SQL twin of ``engine.rfm.value_score``."""
        cuts = company._crm_plus_cuts()[name]
        return SQL("(1 + width_bucket(%s, %s::%s[]))", value, [str(cut) for cut in cuts], SQL(cast))

    @api.model
    def _abc_class(self, company, value):
        """SQL of the ABC class; whoever brings nothing is in C."""
        cut_b, cut_a = company._crm_plus_cuts()["abc"]
        return SQL(
            "CASE WHEN %(v)s >= %(a)s THEN 'A' WHEN %(v)s >= %(b)s THEN 'B' ELSE 'C' END", v=value, a=cut_a, b=cut_b
        )

    def _facts(self, company):
        """SQL that turns ``crm_plus_fresh`` into the columns `FACTS`."""
        return SQL(
            """SELECT partner_id, first AS first_order_date, last AS last_order_date, orders AS order_count, revenue,
                      round(revenue / orders, %(digits)s) AS average_order, r AS recency_score, f AS frequency_score,
                      m AS monetary_score, concat(r, f, m) AS rfm, recent_orders AS recent_order_count, recent_revenue,
                      %(abc)s AS abc_class
                 FROM (SELECT *, %(recency)s AS r, %(frequency)s AS f, %(monetary)s AS m FROM crm_plus_fresh) scored""",
            digits=company.currency_id.decimal_places,
            abc=self._abc_class(company, SQL("revenue")),
            recency=self._score(company, "recency", self._order_day(company, SQL("last")), "date"),
            frequency=self._score(company, "frequency", SQL("orders"), "int"),
            monetary=self._score(company, "monetary", SQL("revenue"), "numeric"),
        )

    def _store_facts(self, company, partner_ids):
        """Update what differs, insert what is missing, delete what is gone: the number of rows of each."""
        parts = {
            "facts": self._facts(company),
            "company": company.id,
            "columns": SQL(", ").join(map(SQL.identifier, FACTS)),
            "new": SQL(", ").join(SQL.identifier("f", name) for name in FACTS),
            "old": SQL(", ").join(SQL.identifier("p", name) for name in FACTS),
            "scope": self._scope(partner_ids),
        }
        cr = self.env.cr
        cr.execute(
            SQL(
                """UPDATE crm_customer_profile p SET (%(columns)s) = ROW(%(new)s) FROM (%(facts)s) f
                    WHERE p.company_id = %(company)s AND p.partner_id = f.partner_id
                      AND (%(old)s) IS DISTINCT FROM (%(new)s)""",
                **parts,
            )
        )
        counts = {"updated": cr.rowcount}
        cr.execute(
            SQL(
                """INSERT INTO crm_customer_profile (company_id, partner_id, %(columns)s)
                   SELECT %(company)s, f.partner_id, %(new)s FROM (%(facts)s) f
                    WHERE NOT EXISTS (SELECT FROM crm_customer_profile p
                                       WHERE p.company_id = %(company)s AND p.partner_id = f.partner_id)""",
                **parts,
            )
        )
        counts["inserted"] = cr.rowcount
        cr.execute(
            SQL(
                """DELETE FROM crm_customer_profile p WHERE p.company_id = %(company)s AND %(scope)s
                      AND NOT EXISTS (SELECT FROM crm_plus_fresh f WHERE f.partner_id = p.partner_id)""",
                **parts,
            )
        )
        return counts | {"deleted": cr.rowcount}
