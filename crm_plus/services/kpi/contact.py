"""How often there was contact, by channel, and what was done of what had been planned."""

from odoo.tools import SQL

from ..interaction.timeline_sql import one_event
from .span import figures

# Documents whose activities are those of this add-on's users.
PLANNED_ON = ("res.partner", "crm.lead", "sale.order")


class Contact:
    """The contacts of a company in a span of days; an event with several people is one."""

    def __init__(self, env, span):
        self.env, self.span, self.company = env, span, span.company

    def queries(self):
        """SELECTs of figures."""
        return [self._contacts(), self._done()]

    def _contacts(self):
        rows = SQL(
            """SELECT e.day, NULL::int AS segment_id, NULL::int AS tier_id, NULL::int AS team_id, e.channel_id,
                      count(*) FILTER (WHERE e.direction = 'out') AS contacts_out,
                      count(*) FILTER (WHERE e.direction = 'in') AS contacts_in
                 FROM (SELECT DISTINCT %(day)s AS day, i.channel_id, i.direction, %(event)s
                         FROM crm_interaction i
                        WHERE i.company_id = %(company)s AND i.channel_id = ANY(%(contact)s) AND %(during)s) e
                GROUP BY GROUPING SETS ((1), (1, e.channel_id))""",
            day=self.span.day(SQL("i.date")),
            event=one_event(SQL("i")),
            company=self.company.id,
            contact=list(self.env["crm.interaction.channel"]._contact_ids()),
            during=self.span.during(SQL("i.date")),
        )
        return figures(rows, ("contacts_out", "contacts_out", None), ("contacts_in", "contacts_in", None))

    def _done(self):
        """Of activities there is no company: they are those of whoever they are assigned to."""
        rows = SQL(
            """SELECT a.date_done AS day, NULL::int AS segment_id, NULL::int AS tier_id, NULL::int AS team_id,
                      NULL::int AS channel_id, count(*) AS done
                 FROM mail_activity a JOIN res_users u ON u.id = a.user_id AND u.company_id = %s
                WHERE NOT a.active AND a.date_done BETWEEN %s AND %s AND a.res_model IN %s GROUP BY a.date_done""",
            self.company.id,
            self.span.first,
            self.span.last,
            PLANNED_ON,
        )
        return figures(rows, ("activities_done", "done", None))
