"""What fields of closed leads said at the age at which a lead is seen, where that is known: columns are corrected.

The host keeps the changes of tracked fields (stage, revenue, email, phone, names, team): what a lead said at a moment
is the old value of the first change after it. Of all other fields a nightly job keeps the values of open leads that
have just reached a landmark (`crm.lead.landmark`). What neither knows stays as the lead says it in the end, and is
compared with open leads of the same age (`engine.prediction.leakage.find_leaks`)."""

from odoo.tools import SQL

from ..sql import array_text, these

# Where the host keeps the old value of a change, by the type of the field.
OLD_VALUE = {
    "many2one": "integer",
    "integer": "integer",
    "boolean": "integer",
    "float": "float",
    "monetary": "float",
    "char": "char",
    "text": "text",
    "selection": "char",
    "date": "datetime",
    "datetime": "datetime",
}
CUSTOMER = "partner_id"
NOTHING_BOUGHT = {"customer.days_since_order": None}


def correct(env, readings, lead_ids, ages, columns):
    """Put what leads said at their ages ``{lead id: days}`` into ``columns``, ``{feature name: list}``, in the order of
    ``lead_ids``."""
    place = {lead_id: row for row, lead_id in enumerate(lead_ids)}
    readings = {reading.name: reading for reading in readings if reading.name in columns}
    for lead_id, said in _kept(env, ages):
        for name in readings.keys() & said.keys() - _tracked_names(env):
            if lead_id in place:
                columns[name][place[lead_id]] = _as_read(readings[name], said[name])
    for lead_id, name, old in _changes(env, [*readings, CUSTOMER], ages):
        if lead_id not in place:
            continue
        if name in readings:
            columns[name][place[lead_id]] = _old_value(env, readings[name], old)
        if name == CUSTOMER and not old["integer"]:
            _without_customer(readings, columns, place[lead_id])


def _tracked_names(env):
    return env["crm.lead"]._track_get_fields()


def _changes(env, names, ages):
    """(lead id, field name, {kind of value: old one}) of the first change of each field after the age of its lead."""
    tracked = _tracked_names(env)
    fields = {env["ir.model.fields"]._get("crm.lead", name).id: name for name in names if name in tracked}
    if not fields or not ages:
        return []
    rows = env.execute_query(
        SQL(
            """SELECT DISTINCT ON (m.res_id, t.field_id) m.res_id, t.field_id, t.old_value_integer, t.old_value_float,
                      t.old_value_char, t.old_value_text, t.old_value_datetime,
                      l.create_date + landmark.age * interval '1 day' AS seen_at
                 FROM crm_lead l JOIN unnest(%(leads)s::int[], %(ages)s::int[]) AS landmark (lead_id, age)
                      ON landmark.lead_id = l.id
                 JOIN mail_message m ON m.model = 'crm.lead' AND m.res_id = l.id
                      AND m.date > l.create_date + landmark.age * interval '1 day'
                 JOIN mail_tracking_value t ON t.mail_message_id = m.id AND t.field_id = ANY(%(fields)s)
                WHERE %(these)s
                ORDER BY m.res_id, t.field_id, m.date, t.id""",
            leads=array_text(ages),
            ages=array_text(ages.values()),
            fields=list(fields),
            these=these(SQL("l.id"), ages),
        )
    )
    kinds = ("integer", "float", "char", "text", "datetime", "seen_at")
    return [(lead_id, fields[field_id], dict(zip(kinds, old, strict=True))) for lead_id, field_id, *old in rows]


def _old_value(env, reading, old):
    """The old value of a change as its column has it."""
    field = reading.host_field(env)
    value = old[OLD_VALUE[field.type]] if field.type in OLD_VALUE else None
    if reading.kind == "presence":
        return bool(value.strip() if isinstance(value, str) else value)
    if field.type == "boolean":
        return bool(value)
    if field.type in ("date", "datetime"):
        return value and float((old["seen_at"] - value).days)
    if field.type == "selection":
        return _selection_key(env, field, value)
    if field.type == "many2one":
        return value or None
    return float(value) if reading.kind == "numeric" and value is not None else value


def _selection_key(env, field, label):
    """The host keeps the label, in the language of whoever changed it."""
    # sudo: the languages in use.
    for lang, _name in env["res.lang"].sudo().get_installed():
        for key, known in field._description_selection(env(context={**env.context, "lang": lang})):
            if known == label:
                return key
    return None


def _without_customer(readings, columns, row):
    """The lead had no contact yet: nothing was known of one."""
    for name, reading in readings.items():
        if reading.origin == "partner":
            columns[name][row] = None
        elif reading.origin == "customer":
            columns[name][row] = NOTHING_BOUGHT.get(name, 0)


def _kept(env, ages):
    """(lead id, {feature name: value}) of what was kept of leads at just these ages."""
    if not ages:
        return []
    return env.execute_query(
        SQL(
            """SELECT kept.lead_id, kept.said
                 FROM crm_lead_landmark kept JOIN unnest(%s::int[], %s::int[]) AS landmark (lead_id, age)
                      ON landmark.lead_id = kept.lead_id AND landmark.age = kept.age
                WHERE %s""",
            array_text(ages),
            array_text(ages.values()),
            these(SQL("kept.lead_id"), ages),
        )
    )


def _as_read(reading, value):
    """A value that was kept when the field was read as a text, perhaps, as it is read now."""
    if reading.kind == "presence" and isinstance(value, str):
        return bool(value.strip())
    if reading.kind == "numeric":
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    return value


def keep(env, readings, landmarks):
    """Keep what open leads say that have reached one of the ``landmarks`` (days) since the last time; how many.

    Late by a day, or by a tenth of the age: what is older is no longer what the lead said then.
    """
    from .columns import expression  # here, since columns are corrected by this module

    env.flush_all()
    tracked = _tracked_names(env)
    kept = [
        reading
        for reading in readings
        if reading.origin in ("lead", "partner", "property")
        and reading.name not in tracked
        and reading.can_be_read(env)
    ]
    if not kept:
        return 0
    pairs = [SQL("jsonb_build_object(%s, %s)", reading.name, expression(env, reading)) for reading in kept]
    env.cr.execute(
        SQL(
            """INSERT INTO crm_lead_landmark (lead_id, age, said)
               SELECT l.id, l.age, %(said)s
                 FROM (SELECT lead.*, now() AT TIME ZONE 'UTC' AS seen_at, reached.age
                         FROM crm_lead lead, LATERAL (
                              SELECT max(age) AS age FROM unnest(%(landmarks)s::int[]) age
                               WHERE lead.create_date + age * interval '1 day' <= now() AT TIME ZONE 'UTC') reached
                        WHERE lead.active AND lead.won_status = 'pending' AND reached.age IS NOT NULL
                              AND lead.create_date + (reached.age + greatest(1, reached.age / 10)) * interval '1 day'
                                  > now() AT TIME ZONE 'UTC') l
                 LEFT JOIN res_partner p ON p.id = l.partner_id
               ON CONFLICT (lead_id, age) DO NOTHING""",
            said=SQL(" || ").join(pairs),
            landmarks=array_text(landmarks),
        )
    )
    return env.cr.rowcount
