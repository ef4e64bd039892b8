import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...services.customer.scope import Scope
from ...services.sql import DISTURBED
from .crm_customer_scores import GROWN

_logger = logging.getLogger(__name__)

# Customers per step of the incremental refresh.
TOUCHED_STEP = 5_000
# When a company is tried again whose profiles another job is writing.
BUSY = timedelta(minutes=10)
FACTS = (
    "first_order_date", "last_order_date", "order_count", "revenue", "average_order", "recency_score",
    "frequency_score", "monetary_score", "rfm", "recent_order_count", "recent_revenue", "abc_class",
)  # fmt: skip
# What is done with the rows of ``crm_plus_changes``: without an id they are new, without a customer gone.
STORE = {
    "updated": """UPDATE crm_customer_profile p SET (%(columns)s) = ROW(%(new)s) FROM crm_plus_changes f
                   WHERE p.id = f.id AND f.partner_id IS NOT NULL""",
    "new": """INSERT INTO crm_plus_newcomers (company_id, partner_id, %(columns)s)
              SELECT %(company)s, f.partner_id, %(new)s FROM crm_plus_changes f WHERE f.id IS NULL""",
    "deleted": """DELETE FROM crm_customer_profile p USING crm_plus_changes f
                   WHERE p.id = f.id AND f.partner_id IS NULL""",
}


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
            self.env["crm.job"]._wake("ir_cron_refresh_profiles", fields.Datetime.now() + BUSY)

    @api.model
    def _cron_refresh_touched(self):
        """Only the customers something has happened with since the last time."""
        queue = self.env["crm.customer.queue"]
        self._committed(queue.search_count, [], progress=lambda count: {"remaining": count})
        self._while_any(self._refresh_queued)

    @api.model
    def _refresh_queued(self):
        """Refresh the next customers of the queue; how many.

        While a full refresh goes on, which may have begun before these events, they stay in the queue.
        """
        companies = self.env["res.company"].search([])
        if not all(map(self._lock_company, companies)):
            return 0
        partner_ids = self.env["crm.customer.queue"]._take(TOUCHED_STEP)
        for company in companies if partner_ids else ():
            self._refresh_some_of(company, partner_ids)
        return len(partner_ids)

    @api.model
    def _refresh_some_of(self, company, partner_ids):
        """A company that cannot be refreshed does not keep the others waiting; its next full refresh catches up."""
        try:
            with self.env.cr.savepoint():
                self._refresh_company(company, None if self._changes_limits(company, partner_ids) else partner_ids)
                problem = False
        except DISTURBED:
            raise  # the whole step is tried again
        except Exception as error:
            _logger.exception("Customer profiles of %s are not refreshed", company.name)
            problem = str(error)
        self._note_problem(company, problem)

    @api.model
    def _changes_limits(self, company, partner_ids):
        """Whether so many of these customers are new that the limits of the scores say nothing of them."""
        if not company.crm_plus_profile_date:
            return True
        few = company._crm_plus_known_customers() * (GROWN - 1)
        if not few or len(partner_ids) < few:
            return False
        known = self.search_count([("company_id", "=", company.id), ("partner_id", "in", partner_ids)])
        return len(partner_ids) - known >= few

    @api.model
    def _refresh_company(self, company, partner_ids=None):
        """Bring the profiles of a company up to date: all, or those of the customers ``partner_ids``.

        A handful of statements whatever the number of customers: aggregate into a temporary table, find what differs in
        one pass, then update, insert and delete that. Nothing that stays the same is written.
        """
        # Conditions of segments may read what differs from company to company.
        self = self.with_company(company)
        self.env.flush_all()
        # Two refreshes of one company would only collide; the later one waits for the next time.
        if not self._lock_company(company):
            return False
        scope = Scope() if partner_ids is None else Scope(ids=tuple(partner_ids))
        self._aggregate(company, scope)
        # As long as the company has nobody else, these customers are all there are.
        if partner_ids is None or not company._crm_plus_knows_limits():
            self._recompute_cuts(company)
        counts = self._store(company, scope, *self._figures(company, scope))
        self._after_refresh(company, partner_ids)
        self.env.cr.execute(
            "DROP TABLE IF EXISTS crm_plus_fresh, crm_plus_documents, crm_plus_summary, crm_plus_outlook"
        )
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

    def _aggregate(self, company, scope):
        self._prepare(scope)
        if scope.ids is not None:
            self._fetch_documents(company, scope)
        self.env.cr.execute(
            SQL("CREATE TEMPORARY TABLE crm_plus_fresh ON COMMIT DROP AS %s", self._customers_query(company, scope))
        )
        self.env.cr.execute("ANALYZE crm_plus_fresh")

    def _prepare(self, scope):
        """Settings of the planner that fit the work; they end with the transaction."""
        # It needs to know how many rows a temporary table has, not how their values are spread.
        self.env.cr.execute("SET LOCAL default_statistics_target = 10")
        if scope.ids is None:
            # To sort the documents of a million customers is three times as fast as to look each up in a table of them
            # all, which no processor's cache holds; and the sort is shared by several processes.
            self.env.cr.execute("SET LOCAL work_mem = '256MB'; SET LOCAL enable_hashagg = off")
        else:
            # The documents of a few customers are found by the index.
            self.env.cr.execute("SET LOCAL random_page_cost = 1.1; SET LOCAL jit = off")

    def _figures(self, company, scope):
        """The columns to store, and SQL that gives (partner_id, those columns) of the refreshed customers.

        Hook, intended to be extended: a module that knows other columns joins them.
        """
        return FACTS, self._facts(company)

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

    def _store(self, company, scope, columns, figures):
        """Update what differs, insert what is missing, delete what is gone: the number of rows of each."""
        cr = self.env.cr
        parts = {
            "figures": figures,
            "company": company.id,
            "columns": SQL(", ").join(map(SQL.identifier, columns)),
            "new": SQL(", ").join(SQL.identifier("f", name) for name in columns),
            "old": SQL(", ").join(SQL.identifier("p", name) for name in columns),
            "scope": scope.on(SQL("partner_id")),
        }
        cr.execute(
            SQL(
                """CREATE TEMPORARY TABLE crm_plus_changes ON COMMIT DROP AS
                   SELECT p.id, f.partner_id, %(new)s FROM (%(figures)s) f
                     FULL JOIN (SELECT * FROM crm_customer_profile WHERE company_id = %(company)s AND %(scope)s) p
                       ON p.partner_id = f.partner_id
                    WHERE p.id IS NULL OR f.partner_id IS NULL OR (%(old)s) IS DISTINCT FROM (%(new)s)""",
                **parts,
            )
        )
        counts = self._store_changes(company, parts) if cr.rowcount else {}
        cr.execute("DROP TABLE crm_plus_changes")
        return counts

    def _store_changes(self, company, parts):
        cr, counts = self.env.cr, {}
        cr.execute(
            "CREATE TEMPORARY TABLE crm_plus_newcomers (LIKE crm_customer_profile INCLUDING DEFAULTS) ON COMMIT DROP"
        )
        for name, statement in STORE.items():
            cr.execute(SQL(statement, **parts))
            counts[name] = cr.rowcount
        if counts["new"]:
            self._insert_newcomers(company)
        cr.execute("DROP TABLE IF EXISTS crm_plus_newcomers, crm_plus_tier_moves, crm_plus_segment_moves")
        return counts

    def _insert_newcomers(self, company):
        """Insert the profiles of ``crm_plus_newcomers``, already where they belong: a million rows are written once."""
        following = self._place_newcomers(company)
        self.env.cr.execute("INSERT INTO crm_customer_profile SELECT * FROM crm_plus_newcomers")
        for step in following:
            step()

    @api.model
    def _place_newcomers(self, company):
        """Hook, intended to be extended: fill columns of ``crm_plus_newcomers``, a table like that of the profiles,
        whose rows are about to be inserted there; functions to be called afterwards."""
        return []
