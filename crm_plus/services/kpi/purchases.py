"""Customers who come, stay and go, and what they buy: counted from their documents, so for past days as well."""

from odoo.tools import SQL

from ...engine.kpi.figures import ACTIVE_DAYS
from ..customer.documents import Documents, order_day
from ..customer.scope import Scope
from .span import figures

# Customers with orders in the days that are counted, up to so many of whom are named: the others' profiles say enough.
NAMED = 50_000


class Purchases:
    """The customers of a company in a span of days.

    What happens to a customer is an event of a day: the first order (new), that on a second day (again), the day a
    year after an order without another (lost), an order after that day (back). Whoever has no order in these days or
    later is known from the profile: only the customers who have are looked up in their documents.
    """

    def __init__(self, env, span):
        self.env, self.span, self.company = env, span, span.company

    def queries(self):
        """SELECTs of figures: customers, and what they bought."""
        return [self._customers(), self._amounts()]

    def members(self, event):
        """SELECT of the customers to whom an event happened in these days."""
        return SQL(
            """WITH visit AS (%s), event AS (%s) SELECT DISTINCT partner_id FROM event
                WHERE event = %s AND day >= %s""",
            self._visits(),
            self._events(),
            event,
            self.span.first,
        )

    def _customers(self):
        course = SQL(
            """WITH visit AS (%(visits)s), event AS (%(events)s),
                    counted AS (
                    SELECT greatest(day, %(before)s) AS day, count(*) FILTER (WHERE event = 'new') AS new,
                           count(*) FILTER (WHERE event = 'again') AS again,
                           count(*) FILTER (WHERE event = 'lost') AS lost,
                           count(*) FILTER (WHERE event = 'back') AS back
                      FROM event GROUP BY 1),
                    filled AS (
                    SELECT d::date AS day, COALESCE(new, 0) AS new, COALESCE(again, 0) AS again,
                           COALESCE(lost, 0) AS lost, COALESCE(back, 0) AS back
                      FROM generate_series(%(before)s::date, %(last)s::date, '1 day') d
                      LEFT JOIN counted ON counted.day = d::date)
               SELECT day, NULL::int AS segment_id, NULL::int AS tier_id, NULL::int AS team_id, NULL::int AS channel_id,
                      new, lost, back, sum(new) OVER upto AS customers, sum(again) OVER upto AS again,
                      sum(new + back - lost) OVER upto AS active
                 FROM filled WINDOW upto AS (ORDER BY day)""",
            visits=self._visits(),
            events=self._events(),
            before=self.span.before,
            last=self.span.last,
        )
        shown = SQL("SELECT * FROM (%s) course WHERE day >= %s", course, self.span.first)
        return figures(
            shown,
            ("customers", "customers", None),
            ("active_customers", "active", None),
            ("new_customers", "new", None),
            ("lost_customers", "lost", None),
            ("won_back_customers", "back", None),
            ("repeat_rate", "again", "customers"),
        )

    def _visits(self):
        """(partner_id, day, previous, following, nth) of customers who ordered in these days or later."""
        return SQL(
            """SELECT v.partner_id, v.day, lag(v.day) OVER mine AS previous, lead(v.day) OVER mine AS following,
                      row_number() OVER mine AS nth
                 FROM (%(days)s) v JOIN crm_customer_profile p
                   ON p.company_id = %(company)s AND p.partner_id = v.partner_id
               WINDOW mine AS (PARTITION BY v.partner_id ORDER BY v.day)""",
            days=Documents(self.env, self.company, self._scope()).order_days_query(self.span.last),
            company=self.company.id,
        )

    def _events(self):
        """(partner_id, day, event), none of them after the last day."""
        happened = SQL(
            """SELECT v.partner_id, e.day, e.event FROM visit v CROSS JOIN LATERAL (VALUES
                      (CASE WHEN v.nth = 1 THEN v.day END, 'new'),
                      (CASE WHEN v.nth = 2 THEN v.day END, 'again'),
                      (CASE WHEN v.previous + %(year)s < v.day THEN v.day END, 'back'),
                      (CASE WHEN COALESCE(v.following > v.day + %(year)s, TRUE) THEN v.day + %(year)s END, 'lost')
                      ) e (day, event)
                WHERE e.day <= %(last)s""",
            year=ACTIVE_DAYS,
            last=self.span.last,
        )
        if self._scope() == Scope():
            return happened
        return SQL("%s UNION ALL %s", happened, self._earlier_events())

    def _earlier_events(self):
        """What the profiles know of those whose last order was before these days: all of it, but losses, is past."""
        return SQL(
            """SELECT p.partner_id, e.day, e.event
                 FROM (SELECT partner_id, %(first)s AS first, %(last)s AS last FROM crm_customer_profile
                        WHERE company_id = %(company)s AND last_order_date < %(begins)s) p
                CROSS JOIN LATERAL (VALUES (p.first, 'new'), (CASE WHEN p.last > p.first THEN p.last END, 'again'),
                      (p.last + %(year)s, 'lost')) e (day, event)
                WHERE e.day <= %(until)s""",
            first=order_day(self.company, SQL("first_order_date")),
            last=order_day(self.company, SQL("last_order_date")),
            company=self.company.id,
            begins=self.span.begins,
            year=ACTIVE_DAYS,
            until=self.span.last,
        )

    def _scope(self):
        """The customers with orders in these days or later; all of them where they are many."""
        ids = [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """SELECT partner_id FROM crm_customer_profile
                        WHERE company_id = %s AND last_order_date >= %s LIMIT %s""",
                    self.company.id,
                    self.span.begins,
                    NAMED + 1,
                )
            )
        ]
        return Scope() if len(ids) > NAMED else Scope(ids=tuple(ids))

    # ------------------------------------------------------------------ amounts

    def _amounts(self):
        """Revenue and orders a day, of the company and of each segment and tier that the customers were in that day."""
        segment, tier = self.env["crm.segment.membership"], self.env["crm.tier.stay"]
        place = [SQL("p.partner_id"), SQL("%s", self.company.id), SQL("d.day")]
        rows = SQL(
            """SELECT d.day, stay.segment_id, held.tier_id, NULL::int AS team_id, NULL::int AS channel_id,
                      sum(d.amount) AS amount, sum(d.orders) AS orders
                 FROM (SELECT document.partner_id, %(day)s AS day, sum(document.amount) AS amount,
                              count(*) FILTER (WHERE document.is_order) AS orders
                         FROM (%(documents)s) document WHERE %(during)s GROUP BY 1, 2) d
                 JOIN res_partner c ON c.id = d.partner_id
                 JOIN crm_customer_profile p ON p.company_id = %(company)s AND p.partner_id = c.commercial_partner_id
                 LEFT JOIN crm_segment_membership stay ON %(in_segment)s
                 LEFT JOIN crm_tier_stay held ON %(in_tier)s
                GROUP BY GROUPING SETS ((d.day), (d.day, stay.segment_id), (d.day, held.tier_id))
               HAVING GROUPING(stay.segment_id, held.tier_id) = 3 OR stay.segment_id IS NOT NULL
                      OR held.tier_id IS NOT NULL""",
            day=self.span.day(SQL("document.moment")),
            documents=SQL(" UNION ALL ").join(Documents(self.env, self.company).queries()),
            during=self.span.during(SQL("document.moment")),
            company=self.company.id,
            in_segment=segment._is_stay_of("stay", *place),
            in_tier=tier._is_stay_of("held", *place),
        )
        return figures(
            rows, ("revenue", "amount", None), ("orders", "orders", None), ("average_order", "amount", "orders")
        )
