"""The moment each lead is seen from, as the relations of a query: leads ``l`` with ``l.seen_at``, and their contacts
``p`` when these existed then.

An open lead is seen as of now, a closed one as of its landmark, an age at which it was still open (see
`engine.prediction.landmarks`): training meets leads as scoring meets them, some just created, some on the way.
"""

from odoo.tools import SQL

from ..sql import array_text, these

ALL = SQL("TRUE")
# What was created at no time, as by an import past the host, cannot be seen at an age; nor can what is said to be of
# years that nobody means: 1, 1900, 2039, 9999.
EARLIEST, LATEST = SQL("timestamp '1970-01-01'"), SQL("(now() AT TIME ZONE 'UTC' + interval '2 years')")
DATED = SQL("l.create_date BETWEEN %s AND %s", EARLIEST, LATEST)
# Never the day of the last write: a remark on a closed lead does not close it again.
CLOSED_ON = SQL(
    "GREATEST(%s, LEAST(COALESCE(l.date_closed, l.date_last_stage_update, l.create_date), %s))", EARLIEST, LATEST
)


def open_leads(lead_ids, now, condition=ALL):
    """Open leads ``l`` that meet a condition, as of now."""
    leads = SQL("crm_lead l WHERE %s AND %s", these(SQL("l.id"), lead_ids), condition)
    return _moments(SQL("%s::timestamp", now), leads)


def landmark_leads(lead_ids, ages):
    """Leads, each as of its age in whole days: ``{lead id: age}``."""
    leads = SQL(
        "crm_lead l JOIN unnest(%s::int[], %s::int[]) AS landmark (lead_id, age) ON landmark.lead_id = l.id WHERE %s",
        array_text(lead_ids),
        array_text([ages[lead_id] for lead_id in lead_ids]),
        these(SQL("l.id"), lead_ids),
    )
    return _moments(SQL("l.create_date + landmark.age * interval '1 day'"), leads)


def _moments(at, leads):
    return SQL(
        """(SELECT l.*, %s AS seen_at FROM %s) l
           LEFT JOIN res_partner p ON p.id = l.partner_id AND COALESCE(p.create_date <= l.seen_at, TRUE)""",
        at,
        leads,
    )
