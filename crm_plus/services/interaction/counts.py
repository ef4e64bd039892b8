"""How many interactions there are: one definition for the button, the timeline and the list.

What several contacts share, such as a meeting or a message to all of them, is one.
"""

from odoo.fields import Domain
from odoo.tools import SQL

from .timeline_sql import rank, same_event


def events(alias):
    """SQL: how many events the rows of a query are."""
    return SQL("(count(*) - count(%(i)s.shared_ref) + count(DISTINCT %(i)s.shared_ref))::int", i=alias)


def events_by(query, *columns):
    """SELECT of ``columns`` and how many events the rows of a query are: `events` of very many rows, which are added up
    instead of sorted."""
    names = [SQL.identifier(f"group_{place}") for place in range(len(columns))]
    rows = query.select(
        *(SQL("%s AS %s", column, name) for column, name in zip(columns, names, strict=True)),
        SQL("crm_interaction.shared_ref"),
    )
    groups = SQL(", ").join(names)
    return SQL(
        """SELECT %(groups)s, sum(CASE WHEN shared_ref IS NULL THEN n ELSE 1 END)::int
             FROM (SELECT %(groups)s, shared_ref, count(*) AS n FROM (%(rows)s) i GROUP BY %(groups)s, shared_ref) each
            GROUP BY %(groups)s""",
        groups=groups,
        rows=rows,
    )


def seen(interactions, domain):
    """How many events of a domain the user may see."""
    query = interactions._search(domain)
    return interactions.env.execute_query(query.select(events(SQL.identifier(query.table))))[0][0]


def within_companies(env):
    """The domain of what whoever works in the companies of ``env`` may count, whoever is responsible for it."""
    return Domain("company_id", "in", [False, *env.companies.ids])


def scope_ids(record):
    """(column, ids) of what belongs to a lead, or to a contact with all the contacts of a company."""
    if record._name == "crm.lead":
        return "lead_id", record.ids
    contacts = record.with_context(active_test=False).search(
        [("commercial_partner_id", "in", record.ids), ("id", "not in", record.ids)]
    )
    return "partner_id", [*record.ids, *contacts.ids]


def each_once(column, ids):
    """The domain of the events of customers or leads, each by one row."""

    def to_sql(model, alias, query):
        row, twin = SQL.identifier(alias), SQL.identifier("twin")
        return SQL(
            """%(row)s.%(column)s = ANY(%(ids)s) AND NOT EXISTS (
                    SELECT FROM crm_interaction twin WHERE %(same)s AND twin.%(column)s = ANY(%(ids)s)
                       AND (%(twins)s, twin.id) > (%(rows)s, %(row)s.id))""",
            row=row,
            column=SQL.identifier(column),
            ids=list(ids),
            same=same_event(twin, row),
            twins=rank(twin, column),
            rows=rank(row, column),
        )

    return Domain(column, "in", ids) & Domain.custom(to_sql=to_sql)


def once_in_company(company_ids):
    """The domain of the events of companies, each by one row."""

    def to_sql(model, alias, query):
        row, twin = SQL.identifier(alias), SQL.identifier("twin")
        return SQL(
            """%(row)s.company_id = ANY(%(ids)s) AND (%(row)s.shared_ref IS NULL OR NOT EXISTS (
                    SELECT FROM crm_interaction twin WHERE %(same)s AND twin.company_id = %(row)s.company_id
                       AND twin.id < %(row)s.id))""",
            row=row,
            ids=list(company_ids),
            same=same_event(twin, row),
        )

    return Domain.custom(to_sql=to_sql)


def text(env, visible, total):
    """How many there are, in words: “15 of 30” where the user does not see all of them."""
    if visible >= total:
        return str(total)
    return env._("%(visible)s of %(total)s", visible=visible, total=total)
