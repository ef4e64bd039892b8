"""Days of figures are counted and kept: every night the last ones, once those of the years before."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo.tools import SQL

from ...engine.kpi.figures import REPLAYED_MONTHS, SINCE_RECORDED
from .contact import Contact
from .pipeline import Pipeline
from .places import places_queries
from .purchases import Purchases
from .retention import retention_query
from .span import Span
from .standing import Standing

# What is confirmed, cancelled or dated back later than this no longer changes a figure.
CORRECTED_DAYS = 7
# The dimensions of a row, of which one is given at most.
DIMENSIONS = ("segment_id", "tier_id", "team_id", "channel_id")
MONTH_END = ("retention", "revenue_retention", "gross_revenue_retention")
# What documents tell of any day: each a step of the replay, whose months of retention follow.
PARTS = {
    "purchases": lambda env, span: Purchases(env, span).queries(),
    "places": places_queries,
    "pipeline": lambda env, span: Pipeline(env, span).queries(),
    "contact": lambda env, span: Contact(env, span).queries(),
}


class Recorder:
    """Count and keep the figures of a company."""

    def __init__(self, env, company):
        self.env, self.company = env, company
        self.yesterday = company._crm_plus_today() - timedelta(days=1)

    # ------------------------------------------------------------------ every night

    def record(self, last=None):
        """The last days again, since documents are dated back, and those since the day ``last`` where that is earlier;
        then what only now knows, once a day, and the retention of the month that is over, once."""
        first = self.yesterday - timedelta(days=CORRECTED_DAYS - 1)
        span = Span(self.company, min(first, last + timedelta(days=1)) if last else first, self.yesterday)
        self._correct(span, [query for part in PARTS.values() for query in part(self.env, span)])
        self._add(Standing(self.env, self.company, self.yesterday).queries())
        month_end = (self.yesterday + timedelta(days=1)).replace(day=1) - timedelta(days=1)
        if not self._is_kept(month_end):
            self._add([retention_query(self.env, self.company, month_end)])

    def _is_kept(self, month_end):
        return bool(
            self.env.execute_query(
                SQL(
                    "SELECT 1 FROM crm_kpi_day WHERE company_id = %s AND date = %s AND figure = %s LIMIT 1",
                    self.company.id,
                    month_end,
                    MONTH_END[0],
                )
            )
        )

    # ------------------------------------------------------------------ once

    def replay(self, step):
        """The step of the replay after so many; False when there is none. What was recorded stays."""
        month = step - len(PARTS)
        if month >= REPLAYED_MONTHS:
            return False
        if month < 0:
            first = self.yesterday.replace(day=1) - relativedelta(months=REPLAYED_MONTHS)
            part = list(PARTS.values())[step]
            self._add(part(self.env, Span(self.company, first, self.yesterday)), replayed=True)
        else:
            month_end = self.yesterday.replace(day=1) - relativedelta(months=month) - timedelta(days=1)
            self._add([retention_query(self.env, self.company, month_end)], replayed=True)
        return True

    # ------------------------------------------------------------------ keeping

    def _add(self, queries, replayed=False):
        """Store these figures; what is there stays."""
        self.env.flush_all()
        for query in queries:
            self.env.cr.execute(SQL("%s ON CONFLICT DO NOTHING", self._insert(query, replayed)))
        self.env["crm.kpi.day"].invalidate_model(flush=False)

    def _correct(self, span, queries):
        """Bring the figures of these days up to date: what differs is written, what is no longer there goes."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """WITH fresh AS MATERIALIZED (%(queries)s),
                        gone AS (DELETE FROM crm_kpi_day k
                                  WHERE k.company_id = %(company)s AND k.date BETWEEN %(first)s AND %(last)s
                                    AND k.figure <> ALL(%(others)s)
                                    AND (k.figure <> 'active_customers' OR k.dimension = 'company')
                                    AND NOT EXISTS (SELECT FROM fresh f WHERE f.date = k.date AND f.figure = k.figure
                                         AND (%(theirs)s) IS NOT DISTINCT FROM (%(its)s)))
                   %(insert)s
                   ON CONFLICT (company_id, figure, date, %(keys)s) DO UPDATE
                      SET numerator = excluded.numerator, denominator = excluded.denominator
                    WHERE (d.numerator, d.denominator) IS DISTINCT FROM (excluded.numerator, excluded.denominator)""",
                queries=SQL(" UNION ALL ").join(queries),
                company=self.company.id,
                first=span.first,
                last=span.last,
                others=[*SINCE_RECORDED, *MONTH_END],
                theirs=SQL(", ").join(SQL.identifier("f", name) for name in DIMENSIONS),
                its=SQL(", ").join(SQL.identifier("k", name) for name in DIMENSIONS),
                insert=self._insert(SQL("SELECT * FROM fresh")),
                keys=SQL(", ").join(SQL("COALESCE(%s, 0)", SQL.identifier(name)) for name in DIMENSIONS),
            )
        )
        self.env["crm.kpi.day"].invalidate_model(flush=False)

    def _insert(self, query, replayed=False):
        return SQL(
            """INSERT INTO crm_kpi_day AS d (company_id, date, figure, %(dimensions)s, dimension, numerator,
                      denominator, replayed)
               SELECT %(company)s, f.date, f.figure, %(dimensions)s,
                      CASE WHEN segment_id IS NOT NULL THEN 'segment' WHEN tier_id IS NOT NULL THEN 'tier'
                           WHEN team_id IS NOT NULL THEN 'team' WHEN channel_id IS NOT NULL THEN 'channel'
                           ELSE 'company' END,
                      f.numerator, f.denominator, %(replayed)s
                 FROM (%(query)s) f WHERE f.numerator IS NOT NULL""",
            dimensions=SQL(", ").join(map(SQL.identifier, DIMENSIONS)),
            company=self.company.id,
            replayed=replayed,
            query=query,
        )
