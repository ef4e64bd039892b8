"""How many customers each segment and tier had at the end of each day, from the stays that are recorded."""

from odoo.tools import SQL

from .span import figures


def places_queries(env, span):
    """SELECTs of figures: customers by segment (that of the scores) and by tier."""
    main = SQL("NOT s.shadow AND s.family_id = ANY(ARRAY(SELECT id FROM crm_segment_family WHERE kind = 'rfm'))")
    # who was given a tier by hand before the first order is no customer yet
    bought = SQL(
        """NOT EXISTS (SELECT FROM crm_customer_profile f
                        WHERE f.partner_id = s.partner_id AND f.company_id = s.company_id AND f.order_count = 0)"""
    )
    return [
        _sizes(span, env["crm.segment.membership"], "segment_id", main),
        _sizes(span, env["crm.tier.stay"], "tier_id", bought),
    ]


def _sizes(span, stays, place, condition):
    """The first stay that is known begins the count: before it there is nothing to say."""
    empty = {name: SQL("NULL::int") for name in ("segment_id", "tier_id", "team_id", "channel_id")}
    columns = SQL(", ").join(
        SQL("%s AS %s", value, SQL.identifier(name)) for name, value in (empty | {place: SQL("place")}).items()
    )
    # One pass over the stays that are not over before these days, counted by where and when they begin and end.
    rows = SQL(
        """SELECT day, %(columns)s, size FROM (
               WITH stay AS MATERIALIZED (
                      SELECT s.%(place)s AS place, CASE WHEN s.date_from > %(before)s THEN s.date_from END AS came,
                             CASE WHEN s.date_to <= %(last)s THEN s.date_to END AS went, count(*) AS customers
                        FROM %(table)s s
                       WHERE s.company_id = %(company)s AND s.date_from <= %(last)s
                             AND (s.date_to > %(before)s OR s.date_to IS NULL) AND %(condition)s
                       GROUP BY 1, 2, 3),
                    moved AS (
                      SELECT place, day, sum(more) AS more FROM (
                             SELECT place, COALESCE(came, %(before)s) AS day, customers AS more FROM stay
                              UNION ALL SELECT place, went, -customers FROM stay WHERE went IS NOT NULL) change
                       GROUP BY 1, 2)
               SELECT d.day, places.place, sum(COALESCE(moved.more, 0)) OVER (PARTITION BY places.place ORDER BY d.day)
                      AS size
                 FROM (SELECT generate_series(%(before)s::date, %(last)s::date, '1 day')::date AS day) d
                CROSS JOIN (SELECT DISTINCT place FROM stay) places
                 LEFT JOIN moved ON moved.day = d.day AND moved.place = places.place) course
            WHERE day >= %(first)s AND size > 0""",
        columns=columns,
        place=SQL.identifier(place),
        table=SQL.identifier(stays._table),
        company=span.company.id,
        condition=condition,
        before=span.before,
        first=span.first,
        last=span.last,
    )
    return figures(rows, ("customers", "size", None))
