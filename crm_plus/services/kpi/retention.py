"""Whoever bought in one year and bought again in the next, at the end of a month."""

from dateutil.relativedelta import relativedelta
from odoo.tools import SQL

from ..customer.documents import Documents
from .span import Span, figures


def retention_query(env, company, month_end):
    """SELECT of figures of the twelve months up to a day against the twelve before: customers and revenue.

    Net: what the customers of then brought. Gross: no more than each brought then, so that growth hides no loss. By
    segment and tier: of whoever was in it a year before, wherever they went since.
    """
    middle, start = (month_end - relativedelta(months=months) for months in (12, 24))
    now = Span(company, middle + relativedelta(days=1), month_end)
    then = Span(company, start + relativedelta(days=1), middle)
    place = [SQL("customer.partner_id"), SQL("%s", company.id), SQL("%s::date", middle)]
    rows = SQL(
        """SELECT %(day)s::date AS day, stay.segment_id, held.tier_id, NULL::int AS team_id,
                  NULL::int AS channel_id, count(*) FILTER (WHERE ordered_then) AS there,
                  count(*) FILTER (WHERE ordered_then AND ordered_now) AS stayed,
                  COALESCE(sum(amount_then) FILTER (WHERE amount_then > 0), 0) AS amount_then,
                  COALESCE(sum(amount_now) FILTER (WHERE amount_then > 0), 0) AS amount_now,
                  COALESCE(sum(LEAST(GREATEST(amount_now, 0), amount_then)) FILTER (WHERE amount_then > 0), 0) AS kept
             FROM (SELECT c.commercial_partner_id AS partner_id, bool_or(d.is_order AND %(then)s) AS ordered_then,
                          bool_or(d.is_order AND %(now)s) AS ordered_now,
                          COALESCE(sum(d.amount) FILTER (WHERE %(then)s), 0) AS amount_then,
                          COALESCE(sum(d.amount) FILTER (WHERE %(now)s), 0) AS amount_now
                     FROM (%(documents)s) d JOIN res_partner c ON c.id = d.partner_id
                     JOIN crm_customer_profile p ON p.company_id = %(company)s
                      AND p.partner_id = c.commercial_partner_id
                    WHERE d.moment >= %(begins)s AND d.moment < %(ends)s
                    GROUP BY c.commercial_partner_id) customer
             LEFT JOIN crm_segment_membership stay ON %(in_segment)s
             LEFT JOIN crm_tier_stay held ON %(in_tier)s
            GROUP BY GROUPING SETS ((), (stay.segment_id), (held.tier_id))
           HAVING count(*) FILTER (WHERE ordered_then) > 0 AND (GROUPING(stay.segment_id, held.tier_id) = 3
                  OR stay.segment_id IS NOT NULL OR held.tier_id IS NOT NULL)""",
        in_segment=env["crm.segment.membership"]._is_stay_of("stay", *place),
        in_tier=env["crm.tier.stay"]._is_stay_of("held", *place),
        day=month_end,
        then=then.during(SQL("d.moment")),
        now=now.during(SQL("d.moment")),
        documents=SQL(" UNION ALL ").join(Documents(env, company).queries()),
        company=company.id,
        begins=then.begins,
        ends=now.ends,
    )
    return figures(
        rows,
        ("retention", "stayed", "there"),
        ("revenue_retention", "amount_now", "amount_then"),
        ("gross_revenue_retention", "kept", "amount_then"),
    )
