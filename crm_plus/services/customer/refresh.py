"""A night's refresh, or that of a few touched customers, from their documents to their segments."""

import logging
import time
from collections import Counter

from odoo import fields
from odoo.tools import SQL

from ..loyalty.places import refresh_places
from ..loyalty.stage import NEW_SEGMENTS, NEW_TIERS, NEWCOMERS
from ..sql import first_rows
from .basis_change import BasisChange
from .chosen import chosen_query
from .documents import Documents, order_day
from .limits import Limits, abc_class, score
from .outlook import PREDICTED, Outlook
from .scope import Scope
from .summary import Summary

_logger = logging.getLogger(__name__)

# A refresh that has worked for so many seconds writes no other part: the host stops it after two minutes, of which it
# may have slept one, and what is added up before takes most of them on a machine that is busy.
LONG = 30
FACTS = (
    "first_order_date", "last_order_date", "order_count", "revenue", "margin", "recent_margin", "average_order",
    "recency_score", "frequency_score", "monetary_score", "rfm", "recent_order_count", "recent_revenue",
    "window_order_count", "window_revenue", "abc_class",
)  # fmt: skip
# What the documents add up to: (partner_id, first, last, orders, revenue, recent_orders, recent_revenue,
# window_orders, window_revenue, margin, recent_margin).
FRESH = SQL.identifier("crm_plus_fresh")
# What differs from what is stored: without an id it is new, without a customer gone.
STORE = {
    "updated": """UPDATE crm_customer_profile p SET (%(columns)s) = ROW(%(new)s) FROM crm_plus_changes f
                   WHERE p.id = f.id AND f.partner_id IS NOT NULL""",
    "new": """INSERT INTO %(newcomers)s (company_id, partner_id, %(columns)s)
              SELECT %(company)s, f.partner_id, %(new)s FROM crm_plus_changes f WHERE f.id IS NULL""",
    "deleted": """DELETE FROM crm_customer_profile p USING crm_plus_changes f
                   WHERE p.id = f.id AND f.partner_id IS NULL""",
}


class Refresh:
    """Bring the profiles of a company up to date: all, or those of the customers of a scope.

    A handful of statements whatever the number of customers: add up into a temporary table, find what differs in one
    pass, then update, insert and delete that. Nothing that stays the same is written. Of what differs ``most`` profiles
    are written at a time, and as many customers moved to another tier and to another segment, part by part until it has
    taken `LONG`: a million of them at once would take longer than a scheduled action may.
    """

    def __init__(self, env, company, scope=None, most=None):
        self.most, self.latest = most, time.monotonic() + LONG
        self.env, self.company, self.scope = env, company, scope or Scope()
        self.profiles = env["crm.customer.profile"]
        self.documents = Documents(env, company, self.scope)
        self.outlook = self.change = None

    @property
    def is_full(self):
        return self.scope.ids is None

    def run(self):
        """All of it, in order; False when there may be more to write than was written."""
        self.scope.prepare(self.env.cr)
        if self.is_full and not self._follow_basis():
            return False
        self._add_up_documents()
        # As long as the company has nobody else, these customers are all there are.
        if self.is_full or not self.company._crm_plus_knows_limits():
            Limits(self.env, self.company, FRESH).find()
            self.env["crm.tier"]._recompute_limits(self.company, FRESH)
        counts, figures = Counter(), self._figures()
        is_whole = self._in_parts(lambda: self._store(counts, *figures)) and self._follow_up()
        self._drop_tables()
        if self.is_full and is_whole:
            self._note_refreshed()
        self.profiles.invalidate_model(flush=False)
        if counts or self.is_full:
            _logger.info("Customer profiles of %s: %s", self.company.name, dict(counts))
        return is_whole

    def _follow_basis(self):
        """When revenue is counted in another way than before: keep what everybody was and bring back what was; False
        when that had been left to do, part by part."""
        change = BasisChange(self.env, self.company)
        if not change.is_due():
            change.forget()
            return True
        self.change = change
        if change.is_made():
            return True
        change.proceed()
        while not change.is_made() and (self.most is None or time.monotonic() < self.latest):
            change.proceed()
        return self.most is None

    def _in_parts(self, part):
        """Call ``part`` until it says that it was the last one, or too much time has passed; whether it was."""
        is_last = part()
        while not is_last and time.monotonic() < self.latest:
            is_last = part()
        return is_last

    def _note_refreshed(self):
        # sudo: only notes when the profiles were refreshed, and by what; forecasts are learned anew.
        company = self.company.sudo()
        company.write(
            {"crm_plus_profile_date": fields.Datetime.now(), "crm_plus_counted_basis": company.crm_plus_revenue_basis}
        )
        if self.change:
            self.change.forget()
            self.env["crm.purchase.model"]._train_soon(company)

    def _add_up_documents(self):
        if not self.is_full:
            self.documents.fetch()
        self.env.cr.execute(
            SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", FRESH, self.documents.customers_query())
        )
        self.env.cr.execute(SQL("ANALYZE %s", FRESH))

    def _follow_up(self):
        """The hook of other modules, then tiers and segments; whether everybody is where they belong."""
        partner_ids = None if self.is_full else list(self.scope.ids)
        self.profiles._after_refresh(self.company, partner_ids)
        return self._in_parts(lambda: refresh_places(self.env, self.company, partner_ids, self.most))

    def _drop_tables(self):
        if self.outlook:
            self.outlook.drop()
        self.documents.drop()
        self.env.cr.execute(SQL("DROP TABLE %s", FRESH))

    # ------------------------------------------------------------------ figures

    def _figures(self):
        """The columns to store, and SQL of (partner_id, those columns).

        Touched customers are predicted anew with the parameters in use; all of them by the training job, which follows
        at once when revenue is counted in another way than before.
        """
        facts = self._facts()
        if self.is_full:
            return FACTS, facts
        figures = SQL("SELECT partner_id, orders, revenue, margin FROM %s", FRESH)
        self.outlook = Outlook(Summary(self.documents, self.company._crm_plus_today(), figures=figures))
        self.outlook.make()
        return (*FACTS, *PREDICTED), SQL(
            "SELECT f.*, %s FROM (%s) f LEFT JOIN (%s) o ON o.partner_id = f.partner_id",
            SQL(", ").join(SQL.identifier("o", name) for name in PREDICTED),
            facts,
            self.outlook.query(),
        )

    def _facts(self):
        """Also of those who have not ordered, but were chosen by hand."""
        chosen = chosen_query(self.env, self.company, self.scope, FRESH, FACTS)
        return SQL("SELECT * FROM (%s) bought UNION ALL %s", self._bought(), chosen)

    def _bought(self):
        company = self.company
        return SQL(
            """SELECT partner_id, first AS first_order_date, last AS last_order_date, orders AS order_count, revenue,
                      margin, recent_margin,
                      round(revenue / orders, %(digits)s) AS average_order, r AS recency_score, f AS frequency_score,
                      m AS monetary_score, concat(r, f, m) AS rfm, recent_orders AS recent_order_count, recent_revenue,
                      window_orders AS window_order_count, window_revenue, %(abc)s AS abc_class
                 FROM (SELECT *, %(recency)s AS r, %(frequency)s AS f, %(monetary)s AS m FROM %(fresh)s) scored""",
            digits=company.currency_id.decimal_places,
            abc=abc_class(company, company._crm_plus_value_column()),
            recency=score(company, "recency", order_day(company, SQL("last")), "date"),
            frequency=score(company, "frequency", SQL("window_orders"), "int"),
            monetary=score(company, "monetary", SQL("window_revenue"), "numeric"),
            fresh=FRESH,
        )

    # ------------------------------------------------------------------ storing

    def _store(self, counts, columns, figures):
        """Update what differs, insert what is missing, delete what is gone, as much as is written at a time, and add
        the number of rows of each to ``counts``; whether that is all."""
        parts = {
            "figures": figures,
            "company": self.company.id,
            "columns": SQL(", ").join(map(SQL.identifier, columns)),
            "new": SQL(", ").join(SQL.identifier("f", name) for name in columns),
            "old": SQL(", ").join(SQL.identifier("p", name) for name in columns),
            "scope": self.scope.on(SQL("partner_id")),
            "newcomers": NEWCOMERS,
        }
        cr = self.env.cr
        cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE crm_plus_changes ON COMMIT DROP AS %s",
                first_rows(self._changes_query(parts), self.most),
            )
        )
        found = cr.rowcount
        if found:
            self._store_changes(counts, parts)
        cr.execute("DROP TABLE crm_plus_changes")
        return self.most is None or found < self.most

    def _changes_query(self, parts):
        return SQL(
            """SELECT p.id, f.partner_id, %(new)s FROM (%(figures)s) f
                 FULL JOIN (SELECT * FROM crm_customer_profile WHERE company_id = %(company)s AND %(scope)s) p
                   ON p.partner_id = f.partner_id
                WHERE p.id IS NULL OR f.partner_id IS NULL OR (%(old)s) IS DISTINCT FROM (%(new)s)""",
            **parts,
        )

    def _store_changes(self, counts, parts):
        cr, written = self.env.cr, {}
        cr.execute(
            SQL("CREATE TEMPORARY TABLE %s (LIKE crm_customer_profile INCLUDING DEFAULTS) ON COMMIT DROP", NEWCOMERS)
        )
        for name, statement in STORE.items():
            cr.execute(SQL(statement, **parts))
            written[name] = cr.rowcount
        if written["new"]:
            self._insert_newcomers()
        cr.execute(SQL("DROP TABLE %s", NEWCOMERS))
        counts.update(written)

    def _insert_newcomers(self):
        """Insert new profiles, already where they belong: a million rows are written once. Stays refer to profiles, so
        they begin afterward."""
        places = (
            self.env["crm.tier"]._moves(self.company, SQL("TRUE"), NEW_TIERS),
            *self.env["crm.segment.family"]._main_moves(self.company, SQL("TRUE"), NEW_SEGMENTS),
        )
        for moves in places:
            moves.place()
        self.env.cr.execute(SQL("INSERT INTO crm_customer_profile SELECT * FROM %s", NEWCOMERS))
        for moves in places:
            moves.record()
            moves.drop()
