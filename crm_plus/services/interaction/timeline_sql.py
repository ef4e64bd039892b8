"""The statements of the timeline, composed over the user's own query: its joins and its record rules.

``column`` is partner_id or lead_id, ``ids`` are the customer and its contacts, or the lead.
"""

from odoo.tools import SQL

# What the timeline index has in it: the newest rows a user may see are found without touching the table.
KEYS = SQL("crm_interaction.id, crm_interaction.date")
NEWEST_FIRST = SQL("crm_interaction.date DESC, crm_interaction.id DESC")


def page(query, column, ids, before, limit, columns):
    """The newest ``limit`` rows older than ``before``, one for each event (`without_twins` sees to that on the first
    page of a customer without contacts): on the timeline of a lead that of its customer, if there is one.

    Per contact one index range of at most ``limit`` entries, and of many contacts only those ``limit`` whose own newest
    rows are the newest: the page cannot reach further.
    """
    visible = query.where_clause or SQL("TRUE")
    wanted = visible
    if before:
        wanted = SQL(
            "%s AND (crm_interaction.date, crm_interaction.id) < (%s::timestamp, %s)",
            visible,
            *before,
        )
    if column == "partner_id" and len(ids) == 1 and not before:
        return SQL(
            "SELECT %s FROM crm_interaction WHERE id = ANY(ARRAY(SELECT id FROM (%s) newest)) ORDER BY %s",
            _columns(columns),
            _newest(query, column, SQL("%s", ids[0]), wanted, limit),
            NEWEST_FIRST,
        )
    first_seen = SQL("NOT EXISTS (%s)", _twin(query, visible, column, ids))
    scope = SQL("unnest(%s::int4[]) AS scope(id)", ids)
    if len(ids) > limit:
        newest = _first_of(_newest(query, column, SQL("scope.id"), wanted), KEYS, first_seen, 1)
        scope = SQL(
            """(SELECT scope.id FROM %s, LATERAL (%s) newest
                 ORDER BY newest.date DESC, newest.id DESC LIMIT %s) AS scope""",
            scope,
            newest,
            limit,
        )
    found = SQL(
        "SELECT newest.id, newest.date FROM %s, LATERAL (%s) newest ORDER BY newest.date DESC, newest.id DESC OFFSET 0",
        scope,
        _newest(query, column, SQL("scope.id"), wanted, limit),
    )
    return _first_of(found, _columns(columns), first_seen, limit)


def _columns(names):
    return SQL(", ").join(SQL.identifier("crm_interaction", name) for name in names)


def _newest(query, column, value, condition, limit=None):
    """(id, date) of the newest rows of one contact, from the index alone."""
    return SQL(
        "SELECT %s FROM %s WHERE %s = %s AND %s ORDER BY %s %s",
        KEYS,
        query.from_clause,
        SQL.identifier("crm_interaction", column),
        value,
        condition,
        NEWEST_FIRST,
        SQL("LIMIT %s", limit) if limit else SQL("OFFSET 0"),
    )


def _first_of(found, columns, condition, limit):
    """The first ``limit`` rows of the ordered ``found`` that meet the condition, which is tried no more often than
    needed: OFFSET 0 in ``found`` makes PostgreSQL keep its order."""
    return SQL(
        """SELECT %s FROM (%s) AS found JOIN crm_interaction ON crm_interaction.id = found.id
            WHERE %s ORDER BY found.date DESC, found.id DESC LIMIT %s""",
        columns,
        found,
        condition,
        limit,
    )


def _twin(query, visible, column, ids):
    """An event shared by several contacts, such as a meeting or a mail to two of them, is one event: the first in
    `rank` of the rows the user sees stands for all."""
    return SQL(
        """SELECT FROM (SELECT crm_interaction.* FROM %s WHERE %s) twin
            WHERE %s AND twin.%s = ANY(%s) AND (%s, twin.id) > (%s, crm_interaction.id)""",
        query.from_clause,
        visible,
        same_event(SQL("twin"), SQL("crm_interaction")),
        SQL.identifier(column),
        ids,
        rank(SQL("twin"), column),
        rank(SQL("crm_interaction"), column),
    )


def rank(alias, column):
    """Which of the rows of one event stands for all: on a lead its customer, then the customer's other contacts."""
    if column == "partner_id":
        return SQL("0")
    return SQL(
        """COALESCE((SELECT CASE WHEN c.id = l.partner_id THEN 2
                                 WHEN c.commercial_partner_id = p.commercial_partner_id THEN 1 ELSE 0 END
                       FROM crm_lead l JOIN res_partner p ON p.id = l.partner_id
                       JOIN res_partner c ON c.id = %(i)s.partner_id
                      WHERE l.id = %(i)s.lead_id), 0)""",
        i=alias,
    )


def without_twins(rows):
    """One row for each event, as `page` does where several contacts make it likely; the partners of such a row may have
    been merged."""
    found = {}
    for row in rows:
        found.setdefault(row["shared_ref"] or row["id"], row)
    return list(found.values())


def names(partner_ids, user_ids):
    """(kind, id, name) of customers and users."""
    return SQL(
        """SELECT 'partner', id, complete_name FROM res_partner WHERE id = ANY(%s)
           UNION ALL SELECT 'user', u.id, p.complete_name FROM res_users u JOIN res_partner p ON p.id = u.partner_id
                      WHERE u.id = ANY(%s)""",
        partner_ids,
        user_ids,
    )


def summary(query, weeks):
    """(kind, key, count) over all rows the user sees: total, channels, customers, users, weeks of the strip.

    ``weeks`` are the days on which a week begins, and the moments at which that is for the user. An event of several
    contacts counts once; counted by combinations of values first, of which there are few.
    """
    week = SQL(
        """CASE WHEN crm_interaction.day IS NULL THEN width_bucket(crm_interaction.date, %s::timestamp[])
                ELSE width_bucket(crm_interaction.day::timestamp, %s::timestamp[]) END""",
        weeks[1],
        weeks[0],
    )
    columns = SQL("crm_interaction.channel_id, crm_interaction.partner_id, crm_interaction.user_id")
    values = SQL("%s, %s AS week", columns, week)
    visible = query.where_clause or SQL("TRUE")
    event = SQL(
        """SELECT channel_id, partner_id, user_id, week, count(*) AS n
             FROM (SELECT %(values)s FROM %(tables)s WHERE %(visible)s AND crm_interaction.shared_ref IS NULL
                    UNION ALL
                   (SELECT DISTINCT ON (crm_interaction.shared_ref) %(values)s FROM %(tables)s
                     WHERE %(visible)s AND crm_interaction.shared_ref IS NOT NULL)) once
            GROUP BY 1, 2, 3, 4""",
        values=values,
        tables=query.from_clause,
        visible=visible,
    )
    return SQL(
        """SELECT CASE WHEN GROUPING(channel_id) = 0 THEN 'channel' WHEN GROUPING(partner_id) = 0 THEN 'partner'
                       WHEN GROUPING(user_id) = 0 THEN 'user' WHEN GROUPING(week) = 0 THEN 'week'
                       ELSE 'total' END AS kind,
                  COALESCE(channel_id, partner_id, user_id, week) AS key, COALESCE(sum(n), 0)::int AS count
             FROM (%s) event GROUP BY GROUPING SETS ((channel_id), (partner_id), (user_id), (week), ())
            ORDER BY count DESC""",
        event,
    )


def one_event(alias):
    """What rows of one event have in common, and those of others have not."""
    return SQL("%(i)s.shared_ref, CASE WHEN %(i)s.shared_ref IS NULL THEN %(i)s.id END", i=alias)


def same_event(one, other):
    """The condition that two rows are of one event; the first two parts are what an index knows."""
    return SQL(
        """%(one)s.document_id = %(other)s.document_id AND %(one)s.date = %(other)s.date
           AND %(one)s.shared_ref = %(other)s.shared_ref""",
        one=one,
        other=other,
    )
