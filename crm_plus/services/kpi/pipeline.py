"""Leads that come, are answered, won and lost, by sales team."""

from odoo.tools import SQL

from ..sql import COMPANY
from .span import figures


class Pipeline:
    """The leads of a company in a span of days; those of no company are the first one's."""

    def __init__(self, env, span):
        self.env, self.span = env, span

    def queries(self):
        """SELECTs of figures."""
        return [self._created(), self._closed(), self._answered()]

    def _created(self):
        return figures(self._by_team(SQL("l.create_date"), SQL("TRUE")), ("leads", "leads", None))

    def _closed(self):
        closed = self._by_team(SQL("l.date_closed"), SQL("l.won_status IN ('won', 'lost')"))
        return figures(
            closed, ("won_leads", "won", None), ("lost_leads", "leads - won", None), ("win_rate", "won", "leads")
        )

    def _by_team(self, moment, condition):
        return SQL(
            """SELECT %(day)s AS day, NULL::int AS segment_id, NULL::int AS tier_id, l.team_id,
                      NULL::int AS channel_id, count(*) AS leads, count(*) FILTER (WHERE l.won_status = 'won') AS won
                 FROM crm_lead l WHERE %(mine)s AND %(during)s AND %(condition)s
                GROUP BY GROUPING SETS ((1), (1, l.team_id))
               HAVING GROUPING(l.team_id) = 1 OR l.team_id IS NOT NULL""",
            day=self.span.day(moment),
            mine=self._mine(),
            during=self.span.during(moment),
            condition=condition,
        )

    def _answered(self):
        """Hours from the creation of a lead to the first time that somebody got in touch, on the day of that: of the
        contacts of these days, not of each lead there is."""
        rows = SQL(
            """SELECT %(day)s AS day, NULL::int AS segment_id, NULL::int AS tier_id, a.team_id,
                      NULL::int AS channel_id, sum(a.hours) AS hours, count(*) AS answered
                 FROM (WITH contact AS MATERIALIZED (
                              SELECT i.lead_id, i.date FROM crm_interaction i
                               WHERE i.lead_id IS NOT NULL AND i.direction = 'out' AND i.channel_id = ANY(%(contact)s)
                                 AND %(during)s)
                       SELECT l.team_id, min(i.date) AS date,
                              EXTRACT(EPOCH FROM min(i.date) - l.create_date) / 3600 AS hours
                         FROM contact i JOIN crm_lead l ON l.id = i.lead_id
                        WHERE %(mine)s AND i.date >= l.create_date
                          AND NOT EXISTS (SELECT FROM crm_interaction e WHERE e.lead_id = l.id AND e.direction = 'out'
                                             AND e.channel_id = ANY(%(contact)s) AND e.date >= l.create_date
                                             AND e.date < %(begins)s)
                        GROUP BY l.id) a
                GROUP BY GROUPING SETS ((1), (1, a.team_id))
               HAVING GROUPING(a.team_id) = 1 OR a.team_id IS NOT NULL""",
            day=self.span.day(SQL("a.date")),
            mine=self._mine(),
            contact=list(self.env["crm.interaction.channel"]._contact_ids()),
            during=self.span.during(SQL("i.date")),
            begins=self.span.begins,
        )
        return figures(rows, ("response_time", "hours", "answered"))

    def _mine(self):
        return SQL("%s = %s", COMPANY, self.span.company.id)
