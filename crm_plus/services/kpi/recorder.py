"""Days of figures are counted and kept: every night the last ones, once those of the years before."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from odoo.tools import SQL

from ...engine.kpi.figures import REPLAYED_MONTHS
from ..customer.documents import CONTACTS, Documents, customer_of
from ..sql import ADD_UP_ALL
from .contact import Contact
from .pipeline import Pipeline
from .places import places_queries
from .purchases import Purchases
from .retention import retention_query
from .satisfaction import satisfaction_queries
from .span import Span
from .standing import Standing

# What is counted of leads and contacts is counted again for so many days; purchases whenever documents have changed.
SETTLED_DAYS = 7
# What is confirmed, cancelled or dated back later than this no longer changes a figure.
CORRECTED_DAYS = 92
# The dimensions of a row, of which one is given at most.
DIMENSIONS = ("segment_id", "tier_id", "team_id", "channel_id")
# What a figure is counted as, as `figures` has it.
COLUMNS = {"date": "date", "figure": "text", **dict.fromkeys(DIMENSIONS, "int"), "numerator": "float8",
           "denominator": "float8"}  # fmt: skip
MONTH_END = ("retention", "revenue_retention", "gross_revenue_retention")
# Conditions on rows ``k``: those that purchases tell, those that the other parts do. How many of a segment or tier are
# active or have ordered again is known now only.
OF_PURCHASES = """(k.figure IN ('revenue', 'orders', 'average_order', 'new_customers', 'lost_customers',
    'won_back_customers', 'margin', 'margin_rate')
    OR k.dimension = 'company' AND k.figure IN ('customers', 'active_customers', 'repeat_rate'))"""
OF_OTHERS = """(k.dimension <> 'company' AND k.figure = 'customers' OR k.figure IN ('leads', 'won_leads', 'lost_leads',
    'win_rate', 'response_time', 'contacts_out', 'contacts_in', 'activities_done', 'satisfaction',
    'nps', 'detractors'))"""
OF_RETENTION = "k.figure IN ('retention', 'revenue_retention', 'gross_revenue_retention')"
# What documents tell of any day: each statement is a step of the replay, whose months of retention follow.
PARTS = {
    "purchases": lambda env, span: Purchases(env, span).queries(),
    "places": places_queries,
    "pipeline": lambda env, span: Pipeline(env, span).queries(),
    "contact": lambda env, span: Contact(env, span).queries(),
    "satisfaction": lambda env, span: [*satisfaction_queries(env, span), *env["crm.kpi.day"]._answer_queries(span)],
}


def _statements(env, span):
    """SELECTs of all that documents tell of the days of a span."""
    return [query for part in PARTS.values() for query in part(env, span)]


class Recorder:
    """Count and keep the figures of a company."""

    def __init__(self, env, company):
        self.env, self.company = env, company
        self.yesterday = company._crm_plus_today() - timedelta(days=1)

    # ------------------------------------------------------------------ every night

    def record(self, last=None):
        """The days since ``last``, the last one recorded; those before of which documents have changed; then what only
        now knows, once a day. Without ``last`` a week is counted.

        Returns the ends of the months whose retention has changed, or has not been counted yet since the month is just
        over, for `count_retention`: a statement as long as the others together for each.
        """
        # Most customers are looked up by index; compiling a statement takes longer than running it.
        self.env.cr.execute(SQL("%s SET LOCAL random_page_cost = 1.1", ADD_UP_ALL))
        settled = self.yesterday - timedelta(days=SETTLED_DAYS - 1)
        first = self._first_changed(last) or self.yesterday if last else settled
        first = min(first, last + timedelta(days=1)) if last else first
        self._correct(Span(self.company, first, self.yesterday), ("purchases",), OF_PURCHASES, settled)
        others = Span(self.company, min(settled, last + timedelta(days=1)) if last else settled, self.yesterday)
        self._correct(others, [part for part in PARTS if part != "purchases"], OF_OTHERS, others.first)
        self._add(Standing(self.env, self.company, self.yesterday).queries())
        ends = self._month_ends(since=first) if last and first < settled and first <= last else []
        return ends or ([] if self._is_kept(self._month_end()) else [self._month_end()])

    def _first_changed(self, last):
        """The first day up to ``last`` of which the documents now say something else than was recorded; None without.

        What was replayed stays: it is what everything since is compared with. Documents dated back further than
        `CORRECTED_DAYS` change nothing either. Whose documents are no customer's is looked up only where all of them
        together are not what was recorded.
        """
        self.env.flush_all()
        of_customers = SQL(
            """LEFT JOIN %s ON c.id = d.partner_id
                 JOIN crm_customer_profile p ON p.company_id = %s AND p.partner_id = %s""",
            CONTACTS,
            self.company.id,
            customer_of(SQL("d.partner_id")),
        )
        return self._first_differing(last, SQL()) and self._first_differing(last, of_customers)

    def _first_differing(self, last, joined):
        """The first day up to ``last`` of which the documents ``d`` that are ``joined`` are not what was recorded."""
        span = Span(self.company, self.yesterday - timedelta(days=CORRECTED_DAYS - 1), last)
        fresh = SQL(
            """SELECT %s AS day, sum(d.amount)::float8 AS revenue, count(*) FILTER (WHERE d.is_order)::float8 AS orders
                 FROM (%s) d %s WHERE %s GROUP BY 1""",
            span.day(SQL("d.moment")),
            SQL(" UNION ALL ").join(Documents(self.env, self.company).queries()),
            joined,
            span.during(SQL("d.moment")),
        )
        [[day]] = self.env.execute_query(
            SQL(
                """WITH fresh AS (%(fresh)s),
                        kept AS (SELECT date AS day, sum(numerator) FILTER (WHERE figure = 'revenue') AS revenue,
                                        sum(numerator) FILTER (WHERE figure = 'orders') AS orders
                                   FROM crm_kpi_day WHERE company_id = %(company)s AND dimension = 'company'
                                    AND figure IN ('revenue', 'orders') AND date BETWEEN %(first)s AND %(last)s
                                  GROUP BY 1)
                   SELECT min(day) FROM fresh FULL JOIN kept USING (day)
                    WHERE (abs(COALESCE(fresh.revenue, 0) - COALESCE(kept.revenue, 0)) >= 0.005
                           OR COALESCE(fresh.orders, 0) <> COALESCE(kept.orders, 0))
                      AND day >= (SELECT min(date) FROM crm_kpi_day WHERE company_id = %(company)s
                                     AND figure = 'customers' AND dimension = 'company' AND NOT replayed)""",
                fresh=fresh,
                company=self.company.id,
                first=span.first,
                last=span.last,
            )
        )
        return day

    def _month_end(self):
        """The last day of the month that is over."""
        return (self.yesterday + timedelta(days=1)).replace(day=1) - timedelta(days=1)

    def _month_ends(self, since):
        """The last days of months since a day, the newest first."""
        month_end, ends = self._month_end(), []
        while month_end >= since:
            ends.append(month_end)
            month_end = month_end.replace(day=1) - timedelta(days=1)
        return ends

    def count_retention(self, month_end):
        """Of a month that is over; marked as corrected when it was counted before its documents changed."""
        query, span = retention_query(self.env, self.company, month_end), Span(self.company, month_end, month_end)
        self.env.cr.execute(ADD_UP_ALL)
        settled = month_end + timedelta(days=1) if self._is_kept(month_end) else month_end
        self._correct(span, [query], OF_RETENTION, settled)

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
        """The step of the replay after so many; False when there is none. What was recorded stays.

        A step is one statement about a quarter, then one about the retention of a month: more of it would take longer
        than a scheduled action may where there are very many orders.
        """
        spans = self.quarters()
        statements = len(_statements(self.env, spans[-1]))
        month = step - statements * len(spans)
        if month >= REPLAYED_MONTHS:
            return False
        self.env.cr.execute(ADD_UP_ALL)
        if month < 0:
            quarter, statement = divmod(step, statements)
            self._add([_statements(self.env, spans[quarter])[statement]], replayed=True)
        else:
            month_end = self.yesterday.replace(day=1) - relativedelta(months=month) - timedelta(days=1)
            self._add([retention_query(self.env, self.company, month_end)], replayed=True)
        return True

    def quarters(self):
        """The days that are replayed, in parts, the oldest first."""
        first, spans = self.yesterday.replace(day=1) - relativedelta(months=REPLAYED_MONTHS), []
        while first <= self.yesterday:
            following = first + relativedelta(months=3)
            spans.append(Span(self.company, first, min(following - timedelta(days=1), self.yesterday)))
            first = following
        return spans

    # ------------------------------------------------------------------ keeping

    def _add(self, queries, replayed=False):
        """Store these figures; what is there stays."""
        self.env.flush_all()
        if fresh := self._counted(queries):
            self.env.cr.execute(SQL("%s ON CONFLICT DO NOTHING", self._insert(_table(fresh), replayed)))
        self.env["crm.kpi.day"].invalidate_model(flush=False)

    def _counted(self, queries):
        """The rows of SELECTs of figures. They are few, and stored by another statement: PostgreSQL shares the work
        between several processes only where nothing is written."""
        return [row for query in queries for row in self.env.execute_query(query)]

    def _correct(self, span, parts, concerned, settled):
        """Bring the figures of these days up to date: what differs is written, what is no longer there goes.

        ``parts`` are names of `PARTS` or SELECTs, ``concerned`` is the condition on the rows ``k`` that they count.
        What changes of days before ``settled`` is marked.
        """
        self.env.flush_all()
        queries = []
        for part in parts:
            queries += PARTS[part](self.env, span) if isinstance(part, str) else [part]
        fresh = self._counted(queries)
        self.env.cr.execute(
            SQL(
                """WITH fresh AS MATERIALIZED (%(fresh)s),
                        gone AS (DELETE FROM crm_kpi_day k
                                  WHERE k.company_id = %(company)s AND k.date BETWEEN %(first)s AND %(last)s
                                    AND %(concerned)s
                                    AND NOT EXISTS (SELECT FROM fresh f WHERE f.date = k.date AND f.figure = k.figure
                                         AND (%(theirs)s) IS NOT DISTINCT FROM (%(its)s)))
                   %(insert)s
                   ON CONFLICT (company_id, figure, date, %(keys)s) DO UPDATE
                      SET numerator = excluded.numerator, denominator = excluded.denominator,
                          corrected = excluded.corrected
                    WHERE (d.numerator, d.denominator) IS DISTINCT FROM (excluded.numerator, excluded.denominator)""",
                fresh=_table(fresh),
                company=self.company.id,
                first=span.first,
                last=span.last,
                concerned=SQL(concerned),
                theirs=SQL(", ").join(SQL.identifier("f", name) for name in DIMENSIONS),
                its=SQL(", ").join(SQL.identifier("k", name) for name in DIMENSIONS),
                insert=self._insert(SQL("SELECT * FROM fresh"), settled=settled),
                keys=SQL(", ").join(SQL("COALESCE(%s, 0)", SQL.identifier(name)) for name in DIMENSIONS),
            )
        )
        self.env["crm.kpi.day"].invalidate_model(flush=False)

    def _insert(self, query, replayed=False, settled=date.min):
        return SQL(
            """INSERT INTO crm_kpi_day AS d (company_id, date, figure, %(dimensions)s, dimension, numerator,
                      denominator, replayed, corrected)
               SELECT %(company)s, f.date, f.figure, %(dimensions)s,
                      CASE WHEN segment_id IS NOT NULL THEN 'segment' WHEN tier_id IS NOT NULL THEN 'tier'
                           WHEN team_id IS NOT NULL THEN 'team' WHEN channel_id IS NOT NULL THEN 'channel'
                           ELSE 'company' END,
                      f.numerator, f.denominator, %(replayed)s, f.date < %(settled)s
                 FROM (%(query)s) f WHERE f.numerator IS NOT NULL""",
            dimensions=SQL(", ").join(map(SQL.identifier, DIMENSIONS)),
            company=self.company.id,
            replayed=replayed,
            settled=settled,
            query=query,
        )


def _table(rows):
    """SELECT of rows of figures."""
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    arrays = (SQL("%s::%s[]", list(column), SQL(kind)) for column, kind in zip(columns, COLUMNS.values(), strict=True))
    names = SQL(", ").join(map(SQL.identifier, COLUMNS))
    return SQL("SELECT * FROM unnest(%s) AS f (%s)", SQL(", ").join(arrays), names)
