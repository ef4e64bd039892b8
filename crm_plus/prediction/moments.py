"""The moment each lead is seen from, as the relations of a query: leads ``l`` with ``l.seen_at``, and their contacts
``p`` when these existed then.

An open lead is seen as of now. A closed one is seen as of a moment of its open life, so that training meets leads as
scoring meets them: some just created, some on the way. The moment is spread evenly between creation and one day
before closing (the last day is full of what closing itself brings about), and fixed by the lead's number, so that
training twice sees the same.
"""

from odoo.tools import SQL

ALL = SQL("TRUE")
OPEN = SQL("l.active AND l.won_status = 'pending'")
# Leads of no company count as those of the first one.
COMPANY = SQL("COALESCE(l.company_id, (SELECT min(id) FROM res_company))")
CLOSED_ON = SQL("COALESCE(l.date_closed, l.date_last_stage_update, l.write_date, l.create_date)")
# The fractional part of multiples of the golden ratio is spread evenly (Knuth, TAOCP 3, 6.4).
SPREAD = SQL("(((l.id::bigint * 2654435761) %% 4294967296) / 4294967296.0)")


def open_leads(lead_ids, now, condition=ALL):
    """Open leads ``l`` that meet a condition, as of now."""
    return _moments(SQL("%s::timestamp", now), lead_ids, condition)


def closed_leads(lead_ids):
    """Closed leads, each as of its moment."""
    life = SQL("GREATEST(%s - l.create_date - interval '1 day', interval '0')", CLOSED_ON)
    return _moments(SQL("l.create_date + %s * %s", life, SPREAD), lead_ids)


def _moments(at, lead_ids, condition=ALL):
    return SQL(
        """(SELECT l.*, %s AS seen_at FROM crm_lead l WHERE %s AND %s) l
           LEFT JOIN res_partner p ON p.id = l.partner_id AND COALESCE(p.create_date <= l.seen_at, TRUE)""",
        at,
        these(SQL("l.id"), lead_ids),
        condition,
    )


def these(column, lead_ids):
    """The condition that a column is one of these ids; of neighbours in a big table only their range is read."""
    ids = list(lead_ids)
    if not ids:
        return SQL("FALSE")
    return SQL("%s BETWEEN %s AND %s AND %s = ANY(%s::int[])", column, min(ids), max(ids), column, array_text(ids))


def array_text(values):
    """An array as PostgreSQL writes it: one constant, read far faster than a list of as many expressions."""
    return f"{{{','.join(map(str, values))}}}"
