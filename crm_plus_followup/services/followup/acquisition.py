"""Acquisition: a row a lead, with what it cost, whether and how soon it was won, and what the customer it won brought.

Every number of a group is a sum of rows or the ratio of two sums (`RATIOS`), never a mean of ratios. A customer is
*acquired* by the first of their leads, when their first order came after it: what they bring counts there, once.
"""

from odoo.addons.crm_plus.services.customer.documents import of_customers, order_day, with_margins
from odoo.addons.crm_plus.services.sql import COMPANY
from odoo.tools import SQL

# Days after the first order that are its first year.
YEAR_DAYS = 365
# Leads that took as many months to win, or more, are shown together.
MOST_MONTHS = 24
# ratio: (what it is multiplied by, sum above, sum below).
RATIOS = {
    "won_share": (100, "won", "closed"),
    "days_to_win": (1, "won_days", "won"),
    "cost_per_lead": (1, "cost", "leads"),
    "cost_per_customer": (1, "cost", "customers"),
    "payback_months": (12, "cost", "first_year_gain"),
}


class Acquisition:
    """The leads of one company."""

    def __init__(self, env, company):
        self.env, self.company = env, company
        self.policy = env["crm.followup.policy"]._read_of(company)

    def query(self):
        """SELECT of the rows; the id is that of the lead."""
        self.env.flush_all()
        costs = self.env["crm.campaign.return"]._cost_queries(
            self.company, self.policy.hour_cost, self.policy.activity_hours
        )
        margins = self.company._crm_plus_knows_margins()
        return SQL(
            """WITH acquired AS MATERIALIZED (%(acquired)s),
                    year AS MATERIALIZED (%(year)s),
                    cost AS (SELECT source_id, sum(amount) AS amount FROM (%(costs)s) c
                              WHERE kind = 'campaign' GROUP BY 1),
                    shared AS (SELECT l.campaign_id, count(*) AS leads FROM crm_lead l
                                WHERE l.campaign_id IS NOT NULL AND %(mine)s GROUP BY 1)
               SELECT l.id, l.id AS lead_id, l.create_date AS date, c.commercial_partner_id AS partner_id,
                      l.source_id, l.medium_id, l.campaign_id, COALESCE(l.country_id, c.country_id) AS country_id,
                      p.industry_id, l.team_id, l.user_id, %(company)s AS company_id, 1 AS leads,
                      (l.won_status <> 'pending')::int AS closed, (l.won_status = 'won')::int AS won,
                      CASE WHEN l.won_status = 'won' THEN
                           GREATEST(EXTRACT(EPOCH FROM l.date_closed - l.create_date) / 86400, 0)::float8
                      END AS won_days,
                      CASE WHEN l.won_status = 'won' THEN
                           lpad(floor(LEAST(GREATEST(EXTRACT(EPOCH FROM l.date_closed - l.create_date) / 2629800, 0),
                                            %(most)s))::text, 2, '0')
                      END AS months_to_win,
                      (a.lead_id IS NOT NULL)::int AS customers,
                      COALESCE(k.amount / s.leads, 0) AS cost,
                      CASE WHEN a.lead_id IS NOT NULL THEN COALESCE(y.revenue, 0) END AS first_year_revenue,
                      CASE WHEN a.lead_id IS NOT NULL THEN %(gain)s END AS first_year_gain,
                      CASE WHEN a.lead_id IS NOT NULL THEN f.revenue + COALESCE(f.clv, 0) END AS lifetime_value,
                      NULL::float8 AS won_share, NULL::float8 AS days_to_win, NULL::float8 AS cost_per_lead,
                      NULL::float8 AS cost_per_customer, NULL::float8 AS payback_months
                 FROM crm_lead l
                 LEFT JOIN res_partner c ON c.id = l.partner_id
                 LEFT JOIN res_partner p ON p.id = c.commercial_partner_id
                 LEFT JOIN acquired a ON a.lead_id = l.id
                 LEFT JOIN year y ON y.customer = a.customer
                 LEFT JOIN cost k ON k.source_id = l.campaign_id
                 LEFT JOIN shared s ON s.campaign_id = l.campaign_id
                 LEFT JOIN crm_customer_profile f ON f.partner_id = a.customer AND f.company_id = %(company)s
                WHERE %(mine)s""",
            acquired=self._acquired(),
            year=self._year(),
            costs=SQL(" UNION ALL ").join(costs),
            mine=SQL("%s = %s", COMPANY, self.company.id),
            company=self.company.id,
            most=MOST_MONTHS,
            gain=SQL("COALESCE(y.margin, 0)") if margins else SQL("COALESCE(y.revenue, 0)"),
        )

    def _acquired(self):
        """SELECT of the lead that acquired each customer: (lead_id, customer, first_order_date, ...). Days are those of
        the company."""
        return SQL(
            """SELECT * FROM (
                   SELECT DISTINCT ON (c.commercial_partner_id) l.id AS lead_id, c.commercial_partner_id AS customer,
                          f.first_order_date, %(ordered)s AS ordered, %(came)s AS came
                     FROM crm_lead l JOIN res_partner c ON c.id = l.partner_id
                     JOIN crm_customer_profile f ON f.partner_id = c.commercial_partner_id
                          AND f.company_id = %(company)s
                    WHERE %(of)s = %(company)s AND f.first_order_date IS NOT NULL
                    ORDER BY c.commercial_partner_id, l.create_date, l.id) first
                WHERE ordered >= came""",
            ordered=order_day(self.company, SQL("f.first_order_date")),
            came=order_day(self.company, SQL("l.create_date")),
            company=self.company.id,
            of=COMPANY,
        )

    def _year(self):
        """SELECT of what each acquired customer brought in the year from their first order on, net of what was given
        back."""
        condition = of_customers(SQL("SELECT customer FROM (%s) of_them", self._acquired()))
        return SQL(
            """SELECT a.customer, sum(d.amount)::float8 AS revenue, sum(d.margin)::float8 AS margin
                 FROM acquired a JOIN res_partner c ON c.commercial_partner_id = a.customer
                 JOIN (%s) d ON d.partner_id = c.id
                WHERE d.moment < a.first_order_date + %s * interval '1 day' GROUP BY a.customer""",
            with_margins(self.env, self.company, condition),
            YEAR_DAYS,
        )
