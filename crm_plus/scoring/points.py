"""What the rules give each lead: queries of the columns (lead_id, rule_id, events, points)."""

from ast import literal_eval
from datetime import timedelta

from odoo.fields import Domain
from odoo.tools import SQL

OPEN = SQL("l.active AND l.won_status = 'pending'")
# Leads of no company are scored as those of the first one.
COMPANY = SQL("COALESCE(l.company_id, (SELECT min(id) FROM res_company))")

# Whether an event ``e`` is one of those the rule ``r`` looks at.
COUNTED = SQL(
    """e.direction = ANY(r.directions) AND e.channel_id = ANY(r.channels)
       AND (r.days IS NULL OR e.age <= r.days)"""
)


def scope(settings, condition):
    """The open leads ``l`` of the company that meet a condition: (lead_id, partner_id, customer_id, age)."""
    return SQL(
        """SELECT l.id AS lead_id, l.partner_id, p.commercial_partner_id AS customer_id,
                  %(today)s::date - (l.create_date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS age
             FROM crm_lead l LEFT JOIN res_partner p ON p.id = l.partner_id
            WHERE %(open)s AND %(company)s = %(company_id)s AND %(condition)s""",
        today=settings.today,
        tz=settings.tz,
        open=OPEN,
        company=COMPANY,
        company_id=settings.company_id,
        condition=condition,
    )


def events(settings, days):
    """The events that count for leads, counted by channel, direction and age: those of a lead itself, and those of any
    contact of its customer, whichever lead they belong to; the latter once for all leads of the customer. An event
    shared by several contacts is one event: same source, document, date and summary."""
    recent = SQL("TRUE")
    if days is not None:
        # two days more, since days begin sooner elsewhere
        recent = SQL("i.date >= %s::timestamp", settings.today - timedelta(days=days + 2))
    return SQL(
        """WITH own AS (
                SELECT DISTINCT s.lead_id, %(event)s FROM crm_plus_scope s
                  JOIN crm_interaction i ON i.lead_id = s.lead_id
                 WHERE %(mine)s AND (s.customer_id IS NULL OR NOT EXISTS (
                        SELECT FROM crm_interaction twin JOIN res_partner c ON c.id = twin.partner_id
                         WHERE c.commercial_partner_id = s.customer_id AND (
                               twin.id = i.id OR twin.source_id = i.source_id AND twin.document_id = i.document_id
                               AND twin.document_model = i.document_model AND twin.date = i.date
                               AND twin.name IS NOT DISTINCT FROM i.name))
                       )),
              shared AS (
                SELECT DISTINCT s.customer_id, %(event)s
                  FROM (SELECT DISTINCT customer_id FROM crm_plus_scope WHERE customer_id IS NOT NULL) s
                  JOIN res_partner c ON c.commercial_partner_id = s.customer_id
                  JOIN crm_interaction i ON i.partner_id = c.id
                 WHERE %(mine)s)
           SELECT lead_id, NULL::int AS customer_id, channel_id, direction, age, count(*) AS events FROM own
            GROUP BY lead_id, channel_id, direction, age
            UNION ALL
           SELECT NULL, customer_id, channel_id, direction, age, count(*) FROM shared
            GROUP BY customer_id, channel_id, direction, age""",
        event=SQL(
            """i.source_id, i.document_model, COALESCE(i.document_id, -i.id) AS document, i.date, i.name,
               i.channel_id, i.direction,
               %s::date - (i.date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date AS age""",
            settings.today,
            settings.tz,
        ),
        mine=SQL("(i.company_id IS NULL OR i.company_id = %s) AND %s", settings.company_id, recent),
    )


def batches(rules):
    """The rules that one query evaluates: each fit rule alone, since it has a domain; all others of a kind together."""
    alone = [(rule,) for rule in rules if rule.kind == "fit"]
    together = [tuple(rule for rule in rules if rule.kind == kind) for kind in ("engagement", "silence")]
    return [batch for batch in (*alone, *together) if batch]


def batch_points(env, batch):
    """The query of one of `batches`. Raises ValueError when a domain cannot be read."""
    kind = batch[0].kind
    if kind == "fit":
        return _fit(env, batch[0])
    return _silence(batch) if kind == "silence" else _engagement(batch)


def rule_domain(text):
    """The `Domain` written in ``text``. Raises ValueError when it is not one."""
    try:
        return Domain(literal_eval(text or "[]"))
    except (SyntaxError, TypeError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(str(error)) from error


def _fit(env, rule):
    model = env["crm.lead" if rule.applies_on == "lead" else "res.partner"]
    query = model.with_context(active_test=False)._search(rule_domain(rule.domain), bypass_access=True)
    found = SQL(
        "SELECT %s FROM %s WHERE %s",
        SQL.identifier(model._table, "id"),
        query.from_clause,
        query.where_clause or SQL("TRUE"),
    )
    return SQL(
        """SELECT lead_id, %s AS rule_id, NULL::int AS events, %s::numeric AS points
             FROM crm_plus_scope WHERE %s IN (%s)""",
        rule.id,
        rule.points,
        SQL.identifier("lead_id" if rule.applies_on == "lead" else "partner_id"),
        found,
    )


def _engagement(rules):
    """SQL twin of ``engine.leads.rules.event_points``: what an event is worth is worked out once for each rule,
    channel, direction and age. A rule that counts once counts its latest event, which is worth most. After 1,000
    half-lives nothing is left, and PostgreSQL would call it an underflow."""
    return SQL(
        """WITH given AS (
           SELECT e.lead_id, e.customer_id, w.rule_id, w.once, w.points, sum(e.events) AS events,
                  sum(e.events * w.worth) AS total, max(w.worth) AS most, min(w.worth) AS least
             FROM crm_plus_event e
             JOIN (SELECT r.id AS rule_id, r.once, r.points, channel_id, direction, age,
                          COALESCE(round(r.points * round(power(0.5::float8,
                              least(greatest(age, 0)::float8, 1000 * r.half_life) / r.half_life)::numeric, 6), 2),
                              r.points) AS worth
                     FROM (SELECT DISTINCT channel_id, direction, age FROM crm_plus_event) e
                     JOIN (VALUES %s) AS r(id, points, directions, channels, days, half_life, once) ON %s) w
                  USING (channel_id, direction, age)
            GROUP BY e.lead_id, e.customer_id, w.rule_id, w.once, w.points)
           SELECT lead_id, rule_id, sum(events)::int AS events,
                  CASE WHEN NOT once THEN sum(total) WHEN points > 0 THEN max(most) ELSE min(least) END AS points
             FROM (SELECT lead_id, rule_id, once, points, events, total, most, least
                     FROM given WHERE lead_id IS NOT NULL
                    UNION ALL
                   SELECT s.lead_id, rule_id, once, points, events, total, most, least
                     FROM given JOIN crm_plus_scope s USING (customer_id)) part
            GROUP BY lead_id, rule_id, once, points""",
        SQL(", ").join(
            SQL(
                "(%s, %s::numeric, %s::text[], %s::int[], %s::int, %s::float8, %s)",
                rule.id,
                rule.points,
                list(rule.directions),
                list(rule.channel_ids),
                rule.period_days,
                rule.half_life_days,
                rule.once,
            )
            for rule in rules
        ),
        COUNTED,
    )


def _silence(rules):
    """Leads without such an event for so long; a new lead is not silent before it is that old."""
    return SQL(
        """SELECT s.lead_id, r.id AS rule_id, NULL::int AS events, r.points
             FROM crm_plus_scope s
             JOIN (VALUES %s) AS r(id, points, directions, channels, days) ON s.age > r.days
            WHERE NOT EXISTS (SELECT FROM crm_plus_event e WHERE e.lead_id = s.lead_id AND %s)
              AND NOT EXISTS (SELECT FROM crm_plus_event e WHERE e.customer_id = s.customer_id AND %s)""",
        SQL(", ").join(
            SQL(
                "(%s, %s::numeric, %s::text[], %s::int[], %s)",
                rule.id,
                rule.points,
                list(rule.directions),
                list(rule.channel_ids),
                rule.silence_days - 1,
            )
            for rule in rules
        ),
        COUNTED,
        COUNTED,
    )
