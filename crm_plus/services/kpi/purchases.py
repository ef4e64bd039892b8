"""Customers who come, stay and go, and what they buy: counted from their documents, so for past days as well."""

from datetime import timedelta
from functools import cached_property

from odoo.tools import SQL

from ...engine.kpi.figures import ACTIVE_DAYS
from ..customer.documents import Documents, on_two_days, order_day, with_margins
from ..customer.scope import Scope
from .span import figures

# Customers with orders in the days that are counted, up to so many of whom are named: the others' profiles say enough.
NAMED = 50_000
# So long before these days an order is looked for that tells of a customer what all orders before it would.
STEADY = timedelta(days=60)


class Purchases:
    """The customers of a company in a span of days.

    What happens to a customer is an event of a day: the first order (new), that on a second day (again), the day a
    year after an order without another (lost), an order after that day (back). Whoever has no order in these days or
    later is known from the profile: only the customers who have are looked up in their documents, and of those who
    have long been coming again and again (see `_steady`) as little as one order.
    """

    def __init__(self, env, span):
        self.env, self.span, self.company = env, span, span.company

    def queries(self):
        """SELECTs of figures: customers, what they bought, and what was sold by whom."""
        return [self._customers(), self._amounts(), *self._margins(), *self._teams()]

    def members(self, event):
        """SELECT of the customers to whom an event happened in these days."""
        return SQL(
            "WITH %s SELECT DISTINCT partner_id FROM event WHERE event = %s AND day >= %s",
            self._course(),
            event,
            self.span.first,
        )

    def _customers(self):
        course = SQL(
            """WITH %(course)s,
                    counted AS (SELECT day, sum(new) AS new, sum(again) AS again, sum(lost) AS lost, sum(back) AS back
                      FROM (SELECT greatest(day, %(before)s) AS day, count(*) FILTER (WHERE event = 'new') AS new,
                                   count(*) FILTER (WHERE event = 'again') AS again,
                                   count(*) FILTER (WHERE event = 'lost') AS lost,
                                   count(*) FILTER (WHERE event = 'back') AS back
                              FROM event GROUP BY 1 UNION ALL %(earlier)s) known GROUP BY 1),
                    filled AS (
                    SELECT d::date AS day, COALESCE(new, 0) AS new, COALESCE(again, 0) AS again,
                           COALESCE(lost, 0) AS lost, COALESCE(back, 0) AS back
                      FROM generate_series(%(before)s::date, %(last)s::date, '1 day') d
                      LEFT JOIN counted ON counted.day = d::date),
                    course AS (
                    SELECT day, new, lost, back, sum(new) OVER upto AS customers, sum(again) OVER upto AS again,
                           sum(new + back - lost) OVER upto AS active
                      FROM filled WINDOW upto AS (ORDER BY day))
               SELECT day, NULL::int AS segment_id, NULL::int AS tier_id, NULL::int AS team_id, NULL::int AS channel_id,
                      new, lost, back, customers, again, active FROM course WHERE day >= %(first)s
               UNION ALL %(places)s""",
            course=self._course(),
            earlier=self._earlier(),
            before=self.span.before,
            first=self.span.first,
            last=self.span.last,
            places=self._events_by_place(),
        )
        return figures(
            course,
            ("customers", "customers", None),
            ("active_customers", "active", None),
            ("new_customers", "new", None),
            ("lost_customers", "lost", None),
            ("won_back_customers", "back", None),
            ("repeat_rate", "again", "customers"),
        )

    def _events_by_place(self):
        """SELECT of what happened on a day to the customers of each segment and tier, of those they were in then."""
        segment, tier = self.env["crm.segment.membership"], self.env["crm.tier.stay"]
        place = [SQL("e.partner_id"), SQL("%s", self.company.id), SQL("e.day")]

        def happened(event):
            return SQL("NULLIF(count(*) FILTER (WHERE e.event = %s), 0)", event)

        return SQL(
            """SELECT e.day, stay.segment_id, held.tier_id, NULL::int, NULL::int, %(new)s, %(lost)s, %(back)s,
                      NULL::numeric, NULL::numeric, NULL::numeric
                 FROM event e
                 LEFT JOIN crm_segment_membership stay ON %(in_segment)s
                 LEFT JOIN crm_tier_stay held ON %(in_tier)s
                WHERE e.day >= %(first)s AND e.event <> 'again'
                GROUP BY GROUPING SETS ((e.day, stay.segment_id), (e.day, held.tier_id))
               HAVING stay.segment_id IS NOT NULL OR held.tier_id IS NOT NULL""",
            new=happened("new"),
            lost=happened("lost"),
            back=happened("back"),
            in_segment=segment._is_stay_of("stay", *place),
            in_tier=tier._is_stay_of("held", *place),
            first=self.span.first,
        )

    def _visits(self):
        """(partner_id, day, previous, following, nth) of customers who ordered in these days or later; of their days
        before at least as many as tell the same as all."""
        return SQL(
            """SELECT v.partner_id, v.day, lag(v.day) OVER mine AS previous, lead(v.day) OVER mine AS following,
                      row_number() OVER mine AS nth
                 FROM (%s) v WINDOW mine AS (PARTITION BY v.partner_id ORDER BY v.day)""",
            self._days_of_all() if self._named is None else self._days_of_named(),
        )

    def _days_of_all(self):
        return SQL(
            """SELECT partner_id, day FROM (%s) ordered
                WHERE partner_id IN (SELECT partner_id FROM crm_customer_profile WHERE company_id = %s)""",
            Documents(self.env, self.company).order_days_query(self.span.last),
            self.company.id,
        )

    def _days_of_named(self):
        steady = self._steady
        others = Scope(ids=tuple(partner_id for partner_id in self._named if partner_id not in steady))
        return SQL(
            """SELECT partner_id, day FROM (%(days)s) ordered
                UNION ALL SELECT c.commercial_partner_id, %(day)s FROM (%(documents)s) d
                  JOIN res_partner c ON c.id = d.partner_id
                 WHERE d.is_order AND %(during)s AND c.commercial_partner_id = ANY(%(ids)s::int[]) GROUP BY 1, 2
                UNION ALL SELECT * FROM unnest(%(ids)s::int[], %(first)s::date[])
                UNION ALL SELECT * FROM unnest(%(ids)s::int[], %(recent)s::date[])""",
            days=Documents(self.env, self.company, others).order_days_query(self.span.last),
            day=self.span.day(SQL("d.moment")),
            documents=SQL(" UNION ALL ").join(self._sources),
            during=self.span.during(SQL("d.moment")),
            ids=list(steady),
            first=[self._named[partner_id] for partner_id in steady],
            recent=list(steady.values()),
        )

    def _course(self):
        """The tables of a WITH: ``visit``, ``quiet`` where not all are looked up in their documents, and ``event``:
        (partner_id, day, event), none of them after the last day."""
        # What is no event is left out before the rows are multiplied.
        happened = SQL(
            """SELECT v.partner_id, e.day, e.event
                 FROM (SELECT *, previous + %(year)s < day AS is_back,
                              COALESCE(following > day + %(year)s, TRUE) AS is_lost FROM visit) v
                CROSS JOIN LATERAL (VALUES
                      (CASE WHEN v.nth = 1 THEN v.day END, 'new'),
                      (CASE WHEN v.nth = 2 THEN v.day END, 'again'),
                      (CASE WHEN v.is_back THEN v.day END, 'back'),
                      (CASE WHEN v.is_lost THEN v.day + %(year)s END, 'lost')
                      ) e (day, event)
                WHERE (v.nth <= 2 OR v.is_back OR v.is_lost) AND e.day <= %(last)s""",
            year=ACTIVE_DAYS,
            last=self.span.last,
        )
        if self._named is None:
            return SQL("visit AS (%s), event AS (%s)", self._visits(), happened)
        return SQL(
            "visit AS (%s), event AS (%s UNION ALL SELECT * FROM unnest(%s::int[], %s::date[], %s::text[]))",
            self._visits(),
            happened,
            list(self._lost),
            list(self._lost.values()),
            ["lost"] * len(self._lost),
        )

    def _earlier(self):
        """(day, new, again, lost, back) up to the day before these, a row: of those whose last order was before these
        days, of whom the profiles know all there is to know."""
        if self._named is None:
            return SQL("SELECT %s::date, 0::bigint, 0::bigint, 0::bigint, 0::bigint", self.span.before)
        return SQL(
            """SELECT %(day)s::date, count(*), count(*) FILTER (WHERE %(again)s),
                      count(*) FILTER (WHERE last_order_date < %(lost)s), 0::bigint
                 FROM crm_customer_profile WHERE company_id = %(company)s AND last_order_date < %(begins)s""",
            day=self.span.before,
            again=on_two_days(self.company, SQL("first_order_date"), SQL("last_order_date")),
            lost=self._year_before(self.span.first),
            company=self.company.id,
            begins=self.span.begins,
        )

    def _year_before(self, day):
        """The moment at which the day begins whose only customers are lost on ``day``."""
        return self.company._crm_plus_start_of_day(day - timedelta(days=ACTIVE_DAYS))

    # ------------------------------------------------------------------ customers looked up

    @cached_property
    def _sources(self):
        """The documents of all, a SELECT for each source of revenue."""
        return Documents(self.env, self.company).queries()

    @cached_property
    def _named(self):
        """``{partner_id: day of the first order}`` of the customers with orders in these days or later; None where they
        are many: then all are looked up."""
        rows = self._profiles(
            order_day(self.company, SQL("first_order_date")), SQL("last_order_date >= %s", self.span.begins), NAMED + 1
        )
        return None if len(rows) > NAMED else dict(rows)

    @cached_property
    def _lost(self):
        """``{partner_id: day}`` of those who were lost in these days and have not come back."""
        moment, until = SQL("last_order_date"), self.span.last + timedelta(days=1)
        lost_on = SQL("%s + %s", order_day(self.company, moment), ACTIVE_DAYS)
        within = SQL("%s >= %s AND %s < %s", moment, self._year_before(self.span.first), moment,
                     min(self._year_before(until), self.span.begins))  # fmt: skip
        return dict(self._profiles(lost_on, within))

    def _profiles(self, column, condition, most=None):
        return self.env.execute_query(
            SQL(
                "SELECT partner_id, %s FROM crm_customer_profile WHERE company_id = %s AND %s LIMIT %s",
                column,
                self.company.id,
                condition,
                most,
            )
        )

    @cached_property
    def _steady(self):
        """``{partner_id: day}``: an order of each customer whose past before these days two days tell, the first one
        and this one.

        It came later than the first, so whoever has both ordered again before these days; and less than a year before
        the end of these days, so nobody is lost in them for want of an order before, and nobody comes back. Who orders
        most has one not long ago: to read all orders of some weeks, which lie next to each other, takes less than to
        find each order that they ever placed.
        """
        since = max(self._year_before(self.span.last + timedelta(days=1)), self.span.begins - STEADY)
        day = order_day(self.company, SQL("d.moment"))
        rows = self.env.execute_query(
            SQL(
                """SELECT named.partner_id, max(%(day)s)
                     FROM (%(documents)s) d JOIN res_partner c ON c.id = d.partner_id
                     JOIN unnest(%(ids)s::int[], %(days)s::date[]) named (partner_id, day)
                       ON named.partner_id = c.commercial_partner_id
                    WHERE d.is_order AND d.moment >= %(since)s AND d.moment < %(begins)s AND %(day)s > named.day
                    GROUP BY 1""",
                day=day,
                documents=SQL(" UNION ALL ").join(self._sources),
                ids=list(self._named),
                days=list(self._named.values()),
                since=since,
                begins=self.span.begins,
            )
        )
        return dict(rows)

    # ------------------------------------------------------------------ amounts

    def _amounts(self):
        """Revenue and orders a day, of the company and of each segment and tier that the customers were in that day."""
        documents = SQL(" UNION ALL ").join(self._sources)
        return figures(
            self._by_place(documents, SQL("amount"), SQL("count(*) FILTER (WHERE document.is_order)")),
            ("revenue", "amount", None),
            ("orders", "counted", None),
            ("average_order", "amount", "counted"),
        )

    def _margins(self):
        """The same of margins, where the host knows them: none, or one SELECT."""
        if not self.company._crm_plus_knows_margins():
            return []
        both = with_margins(self.env, self.company, Scope().documents())
        rows = self._by_place(both, SQL("margin"), SQL("sum(document.amount)"))
        return [figures(rows, ("margin", "amount", None), ("margin_rate", "amount", "counted"))]

    def _by_place(self, documents, column, counted):
        segment, tier = self.env["crm.segment.membership"], self.env["crm.tier.stay"]
        place = [SQL("p.partner_id"), SQL("%s", self.company.id), SQL("d.day")]
        return SQL(
            """SELECT d.day, stay.segment_id, held.tier_id, NULL::int AS team_id, NULL::int AS channel_id,
                      sum(d.amount) AS amount, sum(d.counted) AS counted
                 FROM (SELECT document.partner_id, %(day)s AS day, sum(document.%(column)s) AS amount,
                              %(counted)s AS counted
                         FROM (%(documents)s) document WHERE %(during)s GROUP BY 1, 2) d
                 JOIN res_partner c ON c.id = d.partner_id
                 JOIN crm_customer_profile p ON p.company_id = %(company)s AND p.partner_id = c.commercial_partner_id
                 LEFT JOIN crm_segment_membership stay ON %(in_segment)s
                 LEFT JOIN crm_tier_stay held ON %(in_tier)s
                GROUP BY GROUPING SETS ((d.day), (d.day, stay.segment_id), (d.day, held.tier_id))
               HAVING GROUPING(stay.segment_id, held.tier_id) = 3 OR stay.segment_id IS NOT NULL
                      OR held.tier_id IS NOT NULL""",
            day=self.span.day(SQL("document.moment")),
            column=column,
            counted=counted,
            documents=documents,
            during=self.span.during(SQL("document.moment")),
            company=self.company.id,
            in_segment=segment._is_stay_of("stay", *place),
            in_tier=tier._is_stay_of("held", *place),
        )

    def _teams(self):
        """What each sales team sold: its confirmed orders, as its list has them. Invoices tell of none: none, or one
        SELECT."""
        if self.company.crm_plus_revenue_basis != "order":
            return []
        margin = SQL("sum(o.margin / rate)") if self.company._crm_plus_knows_margins() else SQL("NULL::numeric")
        rows = SQL(
            """SELECT %(day)s AS day, NULL::int AS segment_id, NULL::int AS tier_id, o.team_id, NULL::int AS channel_id,
                      sum(o.amount_untaxed / rate) AS amount, count(*) AS orders, %(margin)s AS margin
                 FROM sale_order o CROSS JOIN LATERAL COALESCE(NULLIF(o.currency_rate, 0), 1) rate
                WHERE o.state = 'sale' AND o.company_id = %(company)s AND o.team_id IS NOT NULL AND %(during)s
                GROUP BY 1, o.team_id""",
            day=self.span.day(SQL("o.date_order")),
            margin=margin,
            company=self.company.id,
            during=self.span.during(SQL("o.date_order")),
        )
        return [
            figures(
                rows,
                ("revenue", "amount", None),
                ("orders", "orders", None),
                ("average_order", "amount", "orders"),
                ("margin", "margin", None),
                ("margin_rate", "margin", "CASE WHEN margin IS NOT NULL THEN amount END"),
            )
        ]
