"""Customers by the month of their first order, and how many of them ordered in each month since."""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from odoo.fields import Domain
from odoo.tools import SQL

from ..sql import ADD_UP, columns
from .documents import EARLIEST, Documents, of_customers, order_day
from .narrowing import customers_left, customers_window

PROFILE = "crm.customer.profile"


@dataclass(frozen=True, slots=True)
class Month:
    """The month of a company that begins on the day ``start``."""

    company: object
    start: date

    @property
    def moments(self):
        """The moments in UTC at which it begins and is over, where the company is."""
        following = self.start + relativedelta(months=1)
        return tuple(map(self.company._crm_plus_start_of_day, (self.start, following)))

    def holds(self, name):
        """The condition that the moment of a field is in it."""
        begins, ends = self.moments
        return Domain(name, ">=", begins) & Domain(name, "<", ends)


def cohorts_query(env, company, customers=None, since=None):
    """(start, months, month, size, active_count, revenue): every month from each cohort's first to this one.

    ``customers``, a SELECT of commercial partners whose first order came at the moment ``since`` or later, are those
    who count; without them all do.
    """
    today = company._crm_plus_today()
    return SQL(
        """WITH sold AS (SELECT c.commercial_partner_id AS partner_id, date_trunc('month', %(day)s)::date AS month,
                                bool_or(d.is_order AND d.moment < %(end)s) AS ordered, sum(d.amount) AS amount
                           FROM (%(documents)s) d JOIN res_partner c ON c.id = d.partner_id WHERE %(recent)s
                          GROUP BY 1, 2),
                born AS (SELECT s.*, min(month) FILTER (WHERE ordered) OVER (PARTITION BY s.partner_id) AS start
                           FROM sold s JOIN crm_customer_profile p
                             ON p.company_id = %(company)s AND p.partner_id = s.partner_id),
                cells AS (SELECT start, month, count(*) FILTER (WHERE ordered)::int AS active_count,
                                 sum(amount) AS amount
                            FROM born GROUP BY start, month),
                grid AS (SELECT start, active_count AS size,
                                generate_series(start, %(today)s, '1 month')::date AS month
                           FROM cells WHERE start = month)
           SELECT g.start, g.month, g.size, COALESCE(c.active_count, 0) AS active_count,
                  round(COALESCE(c.amount, 0)::numeric, 2) AS revenue,
                  (12 * (date_part('year', g.month) - date_part('year', g.start))
                   + date_part('month', g.month) - date_part('month', g.start))::int AS months
             FROM grid g LEFT JOIN cells c USING (start, month)""",
        day=order_day(company, SQL("d.moment")),
        documents=_documents(env, company, customers),
        recent=SQL("d.moment >= %s", since) if since else SQL("TRUE"),
        end=company._crm_plus_start_of_day(today + timedelta(days=1)),
        company=company.id,
        today=today,
    )


def _documents(env, company, customers=None):
    """SELECT of all documents that are revenue, or of those of these customers."""
    if customers is None:
        return SQL(" UNION ALL ").join(Documents(env, company).queries())
    return SQL(" UNION ALL ").join(env[PROFILE]._document_queries(company, of_customers(customers)))


class Cohorts:
    """The customers of the current company that ``narrowed`` leaves, ``{filter: record id}``, counted now."""

    def __init__(self, env, narrowed):
        self.env, self.company, self.narrowed = env, env.company, narrowed

    def rows(self, first):
        """[(start, months, size, active, retention, revenue)] of the cohorts since the month that begins on a day."""
        since = self.company._crm_plus_start_of_day(first)
        born = customers_left(self.company, self.narrowed) & Domain("first_order_date", ">=", since)
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """%s SELECT start, months, size, active_count, round(100 * active_count::numeric / size, 1)::float8,
                             revenue::float8 FROM (%s) cohort ORDER BY start, months""",
                ADD_UP,
                cohorts_query(self.env, self.company, self._search(born), since),
            )
        )

    def members(self, start, months):
        """The condition on the customers of a cohort who ordered so many months after its first one, by their ids."""
        today = self.company._crm_plus_today()
        if not EARLIEST.date().replace(day=1) <= start <= today:
            return Domain.FALSE
        born = customers_left(self.company, self.narrowed) & Month(self.company, start).holds("first_order_date")
        if not months:
            return born
        begins, ends = Month(self.company, start + relativedelta(months=months)).moments
        tomorrow = self.company._crm_plus_start_of_day(today + timedelta(days=1))
        self.env.flush_all()
        ordered = SQL(
            """(SELECT c.commercial_partner_id FROM (%s) d JOIN res_partner c ON c.id = d.partner_id
                 WHERE d.is_order AND d.moment >= %s AND d.moment < %s)""",
            _documents(self.env, self.company, self._search(born)),
            begins,
            min(ends, tomorrow),
        )
        return Domain("id", "in", self.env[PROFILE].search(born & Domain("partner_id", "in", ordered)).ids)

    def window(self, start, months):
        """The window of `members`."""
        return customers_window(self.env._("Customers"), self.members(start, months))

    def _search(self, domain):
        """SELECT of the customers that a condition finds, as far as the user may see them."""
        query = self.env[PROFILE]._search(domain)
        return query.select(*columns(query, "partner_id"))
