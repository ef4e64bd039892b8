"""What only now knows: figures that no document tells of a past day."""

from datetime import timedelta

from odoo.tools import SQL

from ...engine.kpi.figures import ACTIVE_DAYS, AT_RISK, CONTACT_DAYS
from ..customer.documents import CONTACTS, customer_of, on_two_days
from ..sql import COMPANY, OPEN
from .contact import PLANNED_ON
from .span import figures


class Standing:
    """How a company stands now, noted as of the end of ``day``."""

    def __init__(self, env, company, day):
        self.env, self.company, self.day = env, company, day

    def queries(self):
        """SELECTs of figures."""
        return [self._customers(), self._leads(), self._overdue()]

    def _customers(self):
        """By segment and tier as well: added up by both, and then by each.

        Who was contacted is counted apart, so that PostgreSQL can share the other sums between several processes; with
        ``OFFSET 0`` not each of these looks for all contacts.
        """
        customers = SQL("p.company_id = %s AND p.order_count > 0", self.company.id)
        rows = SQL(
            """SELECT %(day)s::date AS day, segment_id, tier_id, NULL::int AS team_id, NULL::int AS channel_id,
                      sum(customers) AS customers, sum(again) AS again, sum(active) AS active, sum(at_risk) AS at_risk,
                      sum(equity) AS equity, sum(valued) AS valued, sum(quality) AS quality,
                      sum(contacted) AS contacted, sum(opted_out) AS opted_out
                 FROM (SELECT p.segment_id, p.tier_id, count(*) AS customers,
                              count(*) FILTER (WHERE %(again)s) AS again,
                              count(*) FILTER (WHERE p.last_order_date >= %(active)s) AS active,
                              COALESCE(sum(p.recent_revenue) FILTER (WHERE %(risk)s), 0) AS at_risk,
                              COALESCE(sum(p.clv), 0) AS equity, count(p.clv) AS valued, sum(%(quality)s) AS quality,
                              0 AS contacted, count(blocked.id) AS opted_out
                         FROM crm_customer_profile p JOIN res_partner c ON c.id = p.partner_id
                         LEFT JOIN mail_blacklist blocked ON blocked.active AND blocked.email = c.email_normalized
                        WHERE %(customers)s GROUP BY p.segment_id, p.tier_id
                       UNION ALL
                       SELECT p.segment_id, p.tier_id, 0, 0, 0, 0, 0, 0, 0, count(*), 0
                         FROM crm_customer_profile p
                         JOIN (%(contacted)s OFFSET 0) contacted ON contacted.partner_id = p.partner_id
                        WHERE %(customers)s GROUP BY p.segment_id, p.tier_id) place
                GROUP BY GROUPING SETS ((), (segment_id), (tier_id))
               HAVING sum(customers) > 0 AND (GROUPING(segment_id, tier_id) = 3 OR segment_id IS NOT NULL
                      OR tier_id IS NOT NULL)""",
            day=self.day,
            again=on_two_days(self.company, SQL("p.first_order_date"), SQL("p.last_order_date")),
            active=self.company._crm_plus_start_of_day(self.day - timedelta(days=ACTIVE_DAYS - 1)),
            risk=SQL("(p.churn_risk >= %s OR p.overdue_date <= %s)", AT_RISK, self.day),
            quality=self.env["res.partner"]._data_quality_sql("c", of_most=True),
            contacted=self._contacted(),
            customers=customers,
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
            """SELECT DISTINCT %s AS partner_id FROM crm_interaction i LEFT JOIN %s ON c.id = i.partner_id
                WHERE i.company_id = %s AND i.direction = 'out' AND i.channel_id = ANY(%s) AND i.date >= %s
                      AND i.date < %s""",
            customer_of(SQL("i.partner_id")),
            CONTACTS,
            self.company.id,
            list(self.env["crm.interaction.channel"]._contact_ids()),
            self.company._crm_plus_start_of_day(self.day - timedelta(days=CONTACT_DAYS - 1)),
            self.company._crm_plus_start_of_day(self.day + timedelta(days=1)),
        )

    def _leads(self):
        """Open leads that are hot, and those of each fit: the letter of the grade."""
        rows = SQL(
            """SELECT %(day)s::date AS day, NULL::int AS segment_id, NULL::int AS tier_id, l.team_id,
                      NULL::int AS channel_id, count(*) FILTER (WHERE s.hot_date IS NOT NULL) AS hot,
                      count(*) FILTER (WHERE s.lead_grade LIKE 'A%%') AS a,
                      count(*) FILTER (WHERE s.lead_grade LIKE 'B%%') AS b,
                      count(*) FILTER (WHERE s.lead_grade LIKE 'C%%') AS c,
                      count(*) FILTER (WHERE s.lead_grade LIKE 'D%%') AS d
                 FROM crm_lead_score s JOIN crm_lead l ON l.id = s.lead_id
                WHERE %(open)s AND %(company_of)s = %(company)s
                GROUP BY GROUPING SETS ((), (l.team_id)) HAVING GROUPING(l.team_id) = 1 OR l.team_id IS NOT NULL""",
            day=self.day,
            open=OPEN,
            company_of=COMPANY,
            company=self.company.id,
        )
        graded = ((f"leads_{letter}", letter, None) for letter in "abcd")
        return figures(rows, ("hot_leads", "hot", None), *graded)

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
