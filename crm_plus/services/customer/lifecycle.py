"""The lifecycle of contacts in a company: the SQL twin of ``engine.customer.lifecycle``."""

from odoo import fields
from odoo.tools import SQL

from ...engine.customer.lifecycle import LAPSE
from .documents import Documents, order_day
from .scope import Scope


class _InTheDatabase:
    """A field of which is known that it can be grouped and sorted by. The host finds that out by composing the SQL for
    it, every time a view is opened, and that of the lifecycle asks the documents first."""

    _description_sortable = True
    _description_groupable = True


class LifecycleStage(_InTheDatabase, fields.Selection):
    """The stage that somebody is in."""


class LifecycleDate(_InTheDatabase, fields.Date):
    """The day on which it began."""


class Lifecycle:
    """Stages of the customers of a scope, also of contacts that never bought, in one company; nothing is stored."""

    def __init__(self, env, company, scope=None):
        self.env, self.company, self.scope = env, company, scope or Scope()

    def of_customers(self):
        """``{customer id: (stage, day it began)}``."""
        return {row[0]: row[1:] for row in self.env.execute_query(self.query())}

    def in_stages(self, stages):
        """SQL of the ids of the customers who are in one of these stages.

        In one pass over the documents: somebody has come back when the first order of the last year is more than a year
        after the one before, since within one year there is no such gap.
        """
        self.env.flush_all()
        return SQL(
            """(WITH orders AS (%(orders)s), leads AS (%(leads)s)
                SELECT p.id FROM res_partner p LEFT JOIN orders o ON o.partner_id = p.id
                  LEFT JOIN leads l ON l.partner_id = p.id
                 WHERE %(is_customer)s
                   AND CASE WHEN o.partner_id IS NULL AND l.partner_id IS NULL THEN 'prospect'
                            WHEN o.partner_id IS NULL THEN 'lead' WHEN o.recent IS NULL THEN 'lapsed'
                            WHEN o.before IS NOT NULL AND %(recent)s - %(before)s > %(lapse)s THEN 'won_back'
                            WHEN %(first)s = %(last)s THEN 'first' ELSE 'repeat' END = ANY(%(stages)s))""",
            orders=Documents(self.env, self.company, self.scope).order_span_query(
                self.company._crm_plus_today(), LAPSE
            ),
            leads=self._leads(),
            is_customer=self._is_customer(),
            lapse=LAPSE.days,
            stages=list(stages),
            **{
                name: order_day(self.company, SQL.identifier("o", name))
                for name in ("first", "last", "recent", "before")
            },
        )

    def since(self, condition):
        """SQL of the ids of the customers of whom the day on which their stage began meets a condition."""
        return SQL("(SELECT l.id FROM (%s) l WHERE l.since %s)", self.query(), condition)

    def _leads(self):
        return SQL(
            """SELECT c.commercial_partner_id AS partner_id, %(day)s AS first
                 FROM crm_lead l JOIN res_partner c ON c.id = l.partner_id
                WHERE COALESCE(l.company_id, %(company)s) = %(company)s AND %(contacts)s GROUP BY 1""",
            day=self._day(SQL("min(l.create_date)")),
            company=self.company.id,
            contacts=self.scope.on(SQL("c.commercial_partner_id")),
        )

    def _day(self, moment):
        """The day of a moment, if there is one, in the time zone of the company."""
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, self.company._crm_plus_tz())

    def _is_customer(self):
        """The condition on partners ``p``. Own companies and internal users are nobody's customers."""
        return SQL(
            """p.id = p.commercial_partner_id AND p.partner_share AND %s
               AND NOT EXISTS (SELECT FROM res_company own WHERE own.partner_id = p.id)""",
            self.scope.on(SQL("p.id")),
        )

    def query(self):
        """SQL of (id, stage, since). What documents and leads tell is worked out once: of few customers the planner
        expects a single row, and would do it again for each of them."""
        self.env.flush_all()
        today = self.company._crm_plus_today()
        return SQL(
            """WITH days AS (SELECT partner_id, day, day - lag(day) OVER w AS gap, row_number() OVER w AS place
                               FROM (%(days)s) d WINDOW w AS (PARTITION BY partner_id ORDER BY day)),
                    orders AS MATERIALIZED (
                               SELECT partner_id, min(day) AS first, max(day) AS last,
                                      max(day) FILTER (WHERE place = 2) AS second,
                                      max(day) FILTER (WHERE gap > %(lapse)s) AS returned
                                 FROM days GROUP BY partner_id),
                    leads AS MATERIALIZED (%(leads)s),
                    staged AS (
                        SELECT p.id, CASE WHEN o.partner_id IS NULL AND l.partner_id IS NULL THEN 'prospect'
                                          WHEN o.partner_id IS NULL THEN 'lead'
                                          WHEN %(today)s - o.last > %(lapse)s THEN 'lapsed'
                                          WHEN %(today)s - o.returned <= %(lapse)s THEN 'won_back'
                                          WHEN o.second IS NULL THEN 'first' ELSE 'repeat' END AS stage,
                               %(known)s AS known, l.first AS lead, o.first, o.second, o.last, o.returned
                          FROM res_partner p
                          LEFT JOIN orders o ON o.partner_id = p.id LEFT JOIN leads l ON l.partner_id = p.id
                         WHERE %(is_customer)s)
               SELECT id, stage, CASE stage WHEN 'prospect' THEN known WHEN 'lead' THEN lead WHEN 'first' THEN first
                                            WHEN 'repeat' THEN second WHEN 'won_back' THEN returned
                                            ELSE last + %(lapse)s + 1 END AS since
                 FROM staged""",
            days=Documents(self.env, self.company, self.scope).order_days_query(today),
            lapse=LAPSE.days,
            known=self._day(SQL("p.create_date")),
            leads=self._leads(),
            is_customer=self._is_customer(),
            today=today,
        )
