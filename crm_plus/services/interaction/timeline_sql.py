"""The statements of the timeline, composed over the user's own query: its joins and its record rules.

``column`` is partner_id or lead_id, ``ids`` are the customer and its contacts, or the lead.
"""

from odoo.tools import SQL

# What the timeline index has in it: the newest rows a user may see are found without touching the table.
KEYS = SQL("crm_interaction.id, crm_interaction.date")
NEWEST_FIRST = SQL("crm_interaction.date DESC, crm_interaction.id DESC")


def page(query, column, ids, before, limit, columns):
    """The newest ``limit`` rows older than ``before``, one for each event (`without_twins` sees to that on the first
    page of a customer without contacts).

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
    """An event shared by several contacts, such as a meeting or a mail to two of them, is one event: the last of the
    rows the user sees stands for all."""
    return SQL(
        """SELECT FROM (SELECT crm_interaction.* FROM %s WHERE %s) twin
            WHERE twin.document_id = crm_interaction.document_id AND twin.date = crm_interaction.date
              AND twin.document_model = crm_interaction.document_model
              AND twin.source_id = crm_interaction.source_id
              AND twin.name IS NOT DISTINCT FROM crm_interaction.name
              AND twin.id > crm_interaction.id AND twin.%s = ANY(%s)""",
        query.from_clause,
        visible,
        SQL.identifier(column),
        ids,
    )


def without_twins(rows):
    """One row for each event, as `page` does where several contacts make it likely; the partners of such a row may have
    been merged."""
    found = {}
    for row in rows:
        event = (row["source_id"], row["document_model"], row["document_id"], row["date"], row["name"])
        found.setdefault(event if row["document_id"] else row["id"], row)
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


def summary(query, weeks, shared):
    """(kind, key, count) over all rows the user sees: total, channels, customers, users, weeks of the strip.

    ``weeks`` are the days on which a week begins, and the moments at which that is for the user; with ``shared``, an
    event of several contacts counts once. Counted by combinations of values first, of which there are few.
    """
    week = SQL(
        """CASE WHEN crm_interaction.day IS NULL THEN width_bucket(crm_interaction.date, %s::timestamp[])
                ELSE width_bucket(crm_interaction.day::timestamp, %s::timestamp[]) END""",
        weeks[1],
        weeks[0],
    )
    columns = SQL("crm_interaction.channel_id, crm_interaction.partner_id, crm_interaction.user_id")
    event = SQL(
        "SELECT %s, %s AS week, count(*) AS n FROM %s WHERE %s GROUP BY 1, 2, 3, 4",
        columns,
        week,
        query.from_clause,
        query.where_clause or SQL("TRUE"),
    )
    if shared:
        event = SQL(
            """SELECT channel_id, partner_id, user_id, week, count(*) AS n
                 FROM (SELECT DISTINCT ON (%s) %s, %s AS week FROM %s WHERE %s) once GROUP BY 1, 2, 3, 4""",
            one_event(SQL("crm_interaction")),
            columns,
            week,
            query.from_clause,
            query.where_clause or SQL("TRUE"),
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
    """What rows of one event have in common."""
    return SQL(
        "%(i)s.source_id, %(i)s.document_model, COALESCE(%(i)s.document_id, -%(i)s.id), %(i)s.date, %(i)s.name", i=alias
    )
