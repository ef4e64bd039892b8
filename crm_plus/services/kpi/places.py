"""How many customers each segment and tier had at the end of each day, from the stays that are recorded."""

from odoo.tools import SQL

from .span import figures


def places_queries(env, span):
    """SELECTs of figures: customers by segment (that of the scores) and by tier."""
    main = SQL("NOT s.shadow AND s.family_id IN (SELECT id FROM crm_segment_family WHERE kind = 'rfm')")
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
    rows = SQL(
        """SELECT day, %(columns)s, size FROM (
               SELECT d.day, places.place, sum(COALESCE(moved.more, 0)) OVER (PARTITION BY places.place ORDER BY d.day)
                      AS size
                 FROM (SELECT generate_series(%(before)s::date, %(last)s::date, '1 day')::date AS day) d
                CROSS JOIN (SELECT DISTINCT s.%(place)s AS place FROM %(table)s s
                             WHERE s.company_id = %(company)s AND %(condition)s) places
                 LEFT JOIN (SELECT place, greatest(day, %(before)s) AS day, sum(more) AS more FROM (
                        SELECT s.%(place)s AS place, s.date_from AS day, 1 AS more FROM %(table)s s
                         WHERE s.company_id = %(company)s AND %(condition)s AND s.date_from <= %(last)s
                        UNION ALL
                        SELECT s.%(place)s, s.date_to, -1 FROM %(table)s s
                         WHERE s.company_id = %(company)s AND %(condition)s AND s.date_to <= %(last)s) change
                        GROUP BY 1, 2) moved ON moved.day = d.day AND moved.place = places.place) course
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
