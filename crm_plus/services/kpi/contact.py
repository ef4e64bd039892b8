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
        return [self._contacts(), self._contacts_by_place(), self._done()]

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

    def _contacts_by_place(self):
        """With the customers of each segment and tier, of those they were in that day: what that effort costs."""
        segment, tier = self.env["crm.segment.membership"], self.env["crm.tier.stay"]
        place = [SQL("e.partner_id"), SQL("%s", self.company.id), SQL("e.day")]
        counted = SQL("count(DISTINCT (e.shared_ref, e.own_id))")
        rows = SQL(
            """SELECT e.day, stay.segment_id, held.tier_id, NULL::int AS team_id, NULL::int AS channel_id,
                      NULLIF(%(counted)s FILTER (WHERE e.direction = 'out'), 0) AS contacts_out,
                      NULLIF(%(counted)s FILTER (WHERE e.direction = 'in'), 0) AS contacts_in
                 FROM (SELECT p.partner_id, %(day)s AS day, i.direction, i.shared_ref,
                              CASE WHEN i.shared_ref IS NULL THEN i.id END AS own_id
                         FROM crm_interaction i JOIN res_partner c ON c.id = i.partner_id
                         JOIN crm_customer_profile p
                           ON p.company_id = i.company_id AND p.partner_id = c.commercial_partner_id
                        WHERE i.company_id = %(company)s AND i.channel_id = ANY(%(contact)s) AND %(during)s) e
                 LEFT JOIN crm_segment_membership stay ON %(in_segment)s
                 LEFT JOIN crm_tier_stay held ON %(in_tier)s
                GROUP BY GROUPING SETS ((e.day, stay.segment_id), (e.day, held.tier_id))
               HAVING stay.segment_id IS NOT NULL OR held.tier_id IS NOT NULL""",
            counted=counted,
            day=self.span.day(SQL("i.date")),
            company=self.company.id,
            contact=list(self.env["crm.interaction.channel"]._contact_ids()),
            during=self.span.during(SQL("i.date")),
            in_segment=segment._is_stay_of("stay", *place),
            in_tier=tier._is_stay_of("held", *place),
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
