"""What only now knows: figures that no document tells of a past day."""

from datetime import timedelta

from odoo.tools import SQL

from ...engine.kpi.figures import ACTIVE_DAYS, AT_RISK, CONTACT_DAYS
from ..customer.documents import order_day
from ..sql import COMPANY, OPEN
from .contact import PLANNED_ON
from .span import figures


class Standing:
    """How a company stands now, noted as of the end of ``day``."""

    def __init__(self, env, company, day):
        self.env, self.company, self.day = env, company, day

    def queries(self):
        """SELECTs of figures."""
        return [self._customers(), self._hot_leads(), self._overdue()]

    def _customers(self):
        """By segment and tier as well, in one pass over the profiles."""
        rows = SQL(
            """SELECT %(day)s::date AS day, p.segment_id, p.tier_id, NULL::int AS team_id, NULL::int AS channel_id,
                      count(*) AS customers, count(*) FILTER (WHERE %(last)s > %(first)s) AS again,
                      count(*) FILTER (WHERE p.last_order_date >= %(active)s) AS active,
                      COALESCE(sum(p.recent_revenue) FILTER (WHERE %(risk)s), 0) AS at_risk,
                      COALESCE(sum(p.clv), 0) AS equity, count(p.clv) AS valued, sum(%(quality)s) AS quality,
                      count(*) FILTER (WHERE contacted.partner_id IS NOT NULL) AS contacted,
                      count(*) FILTER (WHERE %(opted_out)s) AS opted_out
                 FROM crm_customer_profile p JOIN res_partner c ON c.id = p.partner_id
                 LEFT JOIN (%(contacted)s) contacted ON contacted.partner_id = p.partner_id
                WHERE p.company_id = %(company)s AND p.order_count > 0
                GROUP BY GROUPING SETS ((), (p.segment_id), (p.tier_id))
               HAVING count(*) > 0 AND (GROUPING(p.segment_id, p.tier_id) = 3 OR p.segment_id IS NOT NULL
                      OR p.tier_id IS NOT NULL)""",
            day=self.day,
            first=order_day(self.company, SQL("p.first_order_date")),
            last=order_day(self.company, SQL("p.last_order_date")),
            active=self.company._crm_plus_start_of_day(self.day - timedelta(days=ACTIVE_DAYS - 1)),
            risk=SQL("(p.churn_risk >= %s OR p.overdue_date <= %s)", AT_RISK, self.day),
            quality=self.env["res.partner"]._field_to_sql("c", "data_quality"),
            opted_out=SQL("EXISTS (SELECT FROM mail_blacklist b WHERE b.active AND b.email = c.email_normalized)"),
            contacted=self._contacted(),
            company=self.company.id,
        )
        named = (
            ("revenue_at_risk", "at_risk", None),
            ("customer_equity", "CASE WHEN valued > 0 THEN equity END", None),
            ("contacted", "contacted", "customers"),
            ("data_quality", "quality::float8 / 100", "customers"),
            ("opt_outs", "opted_out", None),
        )
        # Those of the company are counted from documents, day by day.
        place = "CASE WHEN num_nonnulls(segment_id, tier_id) > 0 THEN %s END"
        return figures(
            rows, *named, ("active_customers", place % "active", None), ("repeat_rate", place % "again", "customers")
        )

    def _contacted(self):
        """The customers whom somebody got in touch with in the last days."""
        return SQL(
            """SELECT DISTINCT c.commercial_partner_id AS partner_id
                 FROM crm_interaction i JOIN res_partner c ON c.id = i.partner_id
                WHERE i.company_id = %s AND i.direction = 'out' AND i.channel_id = ANY(%s) AND i.date >= %s
                      AND i.date < %s""",
            self.company.id,
            list(self.env["crm.interaction.channel"]._contact_ids()),
            self.company._crm_plus_start_of_day(self.day - timedelta(days=CONTACT_DAYS - 1)),
            self.company._crm_plus_start_of_day(self.day + timedelta(days=1)),
        )

    def _hot_leads(self):
        rows = SQL(
            """SELECT %(day)s::date AS day, NULL::int AS segment_id, NULL::int AS tier_id, l.team_id,
                      NULL::int AS channel_id, count(*) AS hot
                 FROM crm_lead_score s JOIN crm_lead l ON l.id = s.lead_id
                WHERE s.hot_date IS NOT NULL AND %(open)s AND %(company_of)s = %(company)s
                GROUP BY GROUPING SETS ((), (l.team_id)) HAVING GROUPING(l.team_id) = 1 OR l.team_id IS NOT NULL""",
            day=self.day,
            open=OPEN,
            company_of=COMPANY,
            company=self.company.id,
        )
        return figures(rows, ("hot_leads", "hot", None))

    def _overdue(self):
        rows = SQL(
            """SELECT %(day)s::date AS day, NULL::int AS segment_id, NULL::int AS tier_id, NULL::int AS team_id,
                      NULL::int AS channel_id, count(*) AS overdue
                 FROM mail_activity a JOIN res_users u ON u.id = a.user_id AND u.company_id = %(company)s
                WHERE a.active AND a.date_deadline <= %(day)s AND a.res_model IN %(models)s""",
            day=self.day,
            company=self.company.id,
            models=PLANNED_ON,
        )
        return figures(rows, ("activities_overdue", "overdue", None))
