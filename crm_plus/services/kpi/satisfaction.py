"""What customers say of us: the ratings that they gave, where the host has any."""

from odoo.tools import SQL

from .span import figures

# A rating from 1 to 5 that says so, as the host's own reports count it.
SATISFIED = 4


def satisfaction_queries(env, span):
    """SELECTs of figures: of the ratings of a day, how many are of satisfied customers."""
    if "rating.rating" not in env:
        return []
    ratings = SQL(
        """SELECT r.partner_id, COALESCE(r.rated_on, r.write_date) AS moment, r.rating AS score
             FROM rating_rating r WHERE r.consumed AND r.rating >= 1"""
    )
    satisfied = SQL("count(*) FILTER (WHERE g.score >= %s) AS satisfied", SATISFIED)
    return [figures(said_rows(env, span, ratings, satisfied), ("satisfaction", "satisfied", "given"))]


def said_rows(env, span, said, *counted):
    """Rows for `figures`: of what customers of the company said in these days, how much was ``given``, and ``counted``,
    of all of them and of each segment and tier that they were in then.

    ``said`` is a SELECT of (partner_id, moment, score), ``counted`` are aggregates of ``g.score`` with their names.
    """
    segment, tier = env["crm.segment.membership"], env["crm.tier.stay"]
    place = [SQL("g.partner_id"), SQL("%s", span.company.id), SQL("g.day")]
    return SQL(
        """SELECT g.day, stay.segment_id, held.tier_id, NULL::int AS team_id, NULL::int AS channel_id,
                  count(*) AS given, %(counted)s
             FROM (SELECT p.partner_id, %(day)s AS day, s.score
                     FROM (%(said)s) s JOIN res_partner c ON c.id = s.partner_id
                     JOIN crm_customer_profile p
                       ON p.company_id = %(company)s AND p.partner_id = c.commercial_partner_id
                    WHERE %(during)s) g
             LEFT JOIN crm_segment_membership stay ON %(in_segment)s
             LEFT JOIN crm_tier_stay held ON %(in_tier)s
            GROUP BY GROUPING SETS ((g.day), (g.day, stay.segment_id), (g.day, held.tier_id))
           HAVING GROUPING(stay.segment_id, held.tier_id) = 3 OR stay.segment_id IS NOT NULL
                  OR held.tier_id IS NOT NULL""",
        counted=SQL(", ").join(counted),
        said=said,
        day=span.day(SQL("s.moment")),
        company=span.company.id,
        during=span.during(SQL("s.moment")),
        in_segment=segment._is_stay_of("stay", *place),
        in_tier=tier._is_stay_of("held", *place),
    )
