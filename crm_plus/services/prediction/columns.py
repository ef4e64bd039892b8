"""Leads as columns: a query for each kind of origin, whatever the number of leads."""

from collections import defaultdict
from functools import partial

from odoo.tools import SQL

from ..interaction.timeline_sql import one_event
from ..sql import COMPANY
from . import past, stage
from .catalogue import NO_CONVERSATION
from .moments import CLOSED_ON, landmark_leads
from .readings import DIRECT

DAY = 86400
# Leads whose rows are held in memory at a time: rows as Python has them take ten times the memory of columns.
PART = 5_000
FILLED_HTML = SQL(r"'<[^>]*>|&nbsp;|\s'")


def fetch(env, company, readings, lead_ids, moments):
    """``(lead ids, {feature name: column})`` of those of the leads that ``moments``, a function of ids to the relations
    of `moments`, knows; in the order of their ids. ``readings`` are those of `readings`; a field that has gone is
    empty. Columns are those of ``engine.prediction.coded``: needs numpy."""
    gathered = {reading.name: _gatherer(reading) for reading in readings}
    found = _gather(env, company, readings, lead_ids, moments, gathered)
    return found, {name: column.column() for name, column in gathered.items()}


def fetch_seen(env, company, readings, times):
    """``{feature name: column}`` of leads as they were at ages in days, ``{lead id: age}`` for each time that they are
    seen; fields are read as of then where that is known (`past`). In the order of the times, then of the ids."""
    gathered = {reading.name: _gatherer(reading) for reading in readings}
    for ages in times:
        seen = partial(landmark_leads, ages=ages)
        _gather(env, company, readings, ages, seen, gathered, partial(_as_of, env, ages))
    return {name: column.column() for name, column in gathered.items()}


def _gather(env, company, readings, lead_ids, moments, gathered, corrected=None):
    """Add the leads' values to those ``gathered``; their ids."""
    found, lead_ids = [], sorted(lead_ids)
    readable = [reading for reading in readings if reading.can_be_read(env)]
    for low in range(0, len(lead_ids), PART):
        ids, values = _fetch_part(env, company, readable, moments(lead_ids[low : low + PART]))
        if corrected:
            values = corrected(readable, ids, values)
        found += ids
        for name, column in gathered.items():
            column.add(values.get(name) or [None] * len(ids))
    return found


def _as_of(env, ages, readings, ids, values):
    values = {name: list(column) for name, column in values.items()}
    past.correct(env, readings, ids, {lead_id: ages[lead_id] for lead_id in ids}, values)
    return values


def _fetch_part(env, company, readings, moments):
    """Lead ids and the values of each feature."""
    direct = [reading for reading in readings if reading.origin in DIRECT]
    rows = env.execute_query(_record_query(env, direct, moments))
    lead_ids, *values = zip(*rows, strict=True) if rows else [[] for _ in range(len(direct) + 1)]
    columns = {reading.name: _numbers(reading, part) for reading, part in zip(direct, values, strict=True)}
    for origin, reader in (("interaction", _interactions), ("customer", _customers)):
        names = [reading.name for reading in readings if reading.origin == origin]
        if names:
            columns.update(reader(env, company, names, moments, lead_ids))
    return lead_ids, columns


def _gatherer(reading):
    from ...engine.prediction.coded import Coder, Floats

    if reading.kind == "numeric":
        return Floats()
    return Coder() if reading.kind in ("boolean", "presence") else Coder(_clean)


def _clean(value):
    """Texts without the spaces around them; nothing for the empty one and for the host's False, where it does not mean
    no. Of each distinct value here, not of each lead by PostgreSQL, whose `btrim` takes as long as reading the lead."""
    text = value.strip() if isinstance(value, str) else value
    return None if text is False or text == "" else text


def _numbers(reading, values):
    """A numeric property may hold values of any type."""
    if (reading.origin, reading.kind) != ("property", "numeric"):
        return values
    return [value if type(value) in (int, float) else None for value in values]


# ---------------------------------------------------------------- fields of the lead and of its customer


def _record_query(env, readings, moments):
    return SQL(
        "SELECT l.id%s FROM %s ORDER BY l.id",
        SQL().join(SQL(", %s", expression(env, reading)) for reading in readings),
        moments,
    )


def expression(env, reading):
    """What a field of a lead ``l``, seen at ``l.seen_at``, or of its contact ``p`` says, as SQL."""
    if reading.origin == "age":
        return _days(SQL("l.seen_at - l.create_date"))
    if reading.origin == "stage":
        return stage.expression(env, reading.name)
    if reading.origin == "property":
        return SQL("l.lead_properties -> %s", reading.name.split(".", 1)[1])
    field = reading.host_field(env)
    alias = "l" if reading.origin == "lead" else "p"
    if field.type == "many2many":
        return SQL(
            "(SELECT array_agg(r.%s) FROM %s r WHERE r.%s = %s)",
            SQL.identifier(field.column2),
            SQL.identifier(field.relation),
            SQL.identifier(field.column1),
            SQL.identifier(alias, "id"),
        )
    return _scalar(reading.kind, field, SQL.identifier(alias, field.name))


def _days(interval):
    """Whole days, as people count them: a score stays the same until the next one begins."""
    return SQL("floor(EXTRACT(EPOCH FROM %s)::float8 / %s)", interval, DAY)


def _scalar(kind, field, column):
    if kind == "presence":
        if field.type == "html":
            return SQL("NULLIF(regexp_replace(%s, %s, '', 'g'), '') IS NOT NULL", column, FILLED_HTML)
        return SQL("NULLIF(btrim(%s::text), '') IS NOT NULL", column)
    if field.type in ("date", "datetime"):
        return _days(SQL("l.seen_at - %s::timestamp", column))
    if kind == "numeric":
        return SQL("%s::float8", column)
    return SQL("COALESCE(%s, FALSE)", column) if field.type == "boolean" else column


# ---------------------------------------------------------------- what happened before


def _customers_seen(moments):
    return SQL("SELECT l.id AS lead_id, p.commercial_partner_id AS customer_id, l.seen_at AS at FROM %s", moments)


def _interactions(env, company, names, moments, lead_ids):
    """Conversations of the lead and of its customer until then: counts by channel and direction, days since. What
    several contacts share is one."""
    rows = env.execute_query(
        SQL(
            """WITH m AS MATERIALIZED (%(seen)s), event AS (
                    SELECT m.lead_id, m.at, i.channel_id, i.direction, i.date, %(event)s
                      FROM m JOIN crm_interaction i ON i.lead_id = m.lead_id WHERE i.date < m.at AND %(mine)s
                     UNION
                    SELECT m.lead_id, m.at, i.channel_id, i.direction, i.date, %(event)s
                      FROM m JOIN res_partner c ON c.commercial_partner_id = m.customer_id
                             JOIN crm_interaction i ON i.partner_id = c.id WHERE i.date < m.at AND %(mine)s)
               SELECT event.lead_id, channel.code, event.direction, count(*),
                      %(days)s
                 FROM event JOIN crm_interaction_channel channel ON channel.id = event.channel_id
                WHERE NOT channel.code = ANY(%(not_these)s)
                GROUP BY event.lead_id, channel.code, event.direction""",
            seen=_customers_seen(moments),
            event=one_event(SQL("i")),
            mine=SQL("(i.company_id IS NULL OR i.company_id = %s)", company.id),
            not_these=list(NO_CONVERSATION),
            days=_days(SQL("min(event.at - event.date)")),
        )
    )
    counts, last = defaultdict(dict), defaultdict(dict)
    for lead_id, code, direction, count, days in rows:
        counts[f"interaction.{code}.{direction}"][lead_id] = count
        for name in ("interaction.days_since", *(["interaction.days_since_in"] if direction == "in" else [])):
            last[name][lead_id] = min(days, last[name].get(lead_id, days))
    return {
        name: [last[name].get(lead_id) for lead_id in lead_ids]
        if name.startswith("interaction.days")
        else [counts[name].get(lead_id, 0) for lead_id in lead_ids]
        for name in names
    }


def _customers(env, company, names, moments, lead_ids):
    """What the customer had bought until then in this company, other than through this lead, and how its other leads
    of this company had ended."""
    rows = env.execute_query(
        SQL(
            """WITH m AS MATERIALIZED (%(seen)s), bought AS (
                    SELECT m.lead_id, count(*) FILTER (WHERE b.amount > 0) AS orders, sum(b.amount)::float8 AS revenue,
                           %(days)s AS days
                      FROM m JOIN res_partner c ON c.commercial_partner_id = m.customer_id
                             JOIN (%(purchases)s) b ON b.partner_id = c.id
                                  AND b.date < m.at AND b.lead_id IS DISTINCT FROM m.lead_id
                     GROUP BY m.lead_id), ended AS (
                    SELECT m.lead_id, count(*) FILTER (WHERE l.won_status = 'won') AS won,
                           count(*) FILTER (WHERE l.won_status = 'lost') AS lost
                      FROM m JOIN res_partner c ON c.commercial_partner_id = m.customer_id
                             JOIN crm_lead l ON l.partner_id = c.id
                                  AND l.id != m.lead_id AND l.won_status IN ('won', 'lost') AND %(closed_on)s < m.at
                                  AND %(company)s = %(company_id)s
                     GROUP BY m.lead_id)
               SELECT lead_id, orders, revenue, days, won, lost FROM bought FULL JOIN ended USING (lead_id)""",
            seen=_customers_seen(moments),
            purchases=purchases(company),
            closed_on=CLOSED_ON,
            company=COMPANY,
            company_id=company.id,
            days=_days(SQL("min(m.at - b.date) FILTER (WHERE b.amount > 0)")),
        )
    )
    found = {lead_id: values for lead_id, *values in rows}
    nothing = [None] * 5
    places = {"orders": 0, "revenue": 1, "days_since_order": 2, "won_leads": 3, "lost_leads": 4}
    columns = {}
    for name in names:
        place = places[name.split(".")[1]]
        absent = None if place == 2 else 0
        columns[name] = [
            absent if value is None else value for value in (found.get(lead, nothing)[place] for lead in lead_ids)
        ]
    return columns


def purchases(company):
    """(partner_id, date, amount, lead_id) of what counts as revenue in this company, in its currency."""
    if company.crm_plus_revenue_basis == "invoice":
        return SQL(
            """SELECT partner_id, invoice_date::timestamp AS date, amount_untaxed_signed AS amount, NULL::int AS lead_id
                 FROM account_move WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')
                      AND company_id = %s""",
            company.id,
        )
    return SQL(
        """SELECT partner_id, date_order AS date, opportunity_id AS lead_id,
                  amount_untaxed / CASE WHEN currency_id = %s THEN 1 ELSE COALESCE(NULLIF(currency_rate, 0), 1) END
                  AS amount
             FROM sale_order WHERE state = 'sale' AND company_id = %s""",
        company.currency_id.id,
        company.id,
    )
