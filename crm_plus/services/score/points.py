"""What the rules give each lead: queries of (lead_id, rule_id, events, points) for rules that look at events, and of
(lead_id, rules), the ids of the fit rules it meets as text, for these: many leads meet the same."""

from collections import defaultdict
from datetime import timedelta

from odoo.tools import SQL

from ..interaction.timeline_sql import one_event, same_event
from ..sql import COMPANY, OPEN
from . import specs

MODELS = {"lead": "crm.lead", "partner": "res.partner"}

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


def events(settings, looked_at):
    """The events that count for leads, counted by channel, direction and age: those of a lead itself, and those of any
    contact of its customer, whichever lead they belong to; the latter once for all leads of the customer. An event
    shared by several contacts is one event. ``looked_at`` is a condition on interactions ``i``."""
    return SQL(
        """WITH shared AS (
                SELECT DISTINCT s.customer_id, %(event)s
                  FROM (SELECT DISTINCT customer_id FROM crm_plus_scope WHERE customer_id IS NOT NULL) s
                  JOIN res_partner c ON c.commercial_partner_id = s.customer_id
                  JOIN crm_interaction i ON i.partner_id = c.id
                 WHERE %(mine)s),
              own AS (
                SELECT DISTINCT s.lead_id, %(event)s
                  FROM crm_plus_scope s JOIN crm_interaction i ON i.lead_id = s.lead_id
                  LEFT JOIN res_partner c ON c.id = i.partner_id
                 WHERE %(mine)s AND (s.customer_id IS NULL OR c.commercial_partner_id IS DISTINCT FROM s.customer_id)
                       AND NOT EXISTS (
                           SELECT FROM crm_interaction twin JOIN res_partner other ON other.id = twin.partner_id
                            WHERE other.commercial_partner_id = s.customer_id AND %(same)s))
           SELECT lead_id, NULL::int AS customer_id, channel_id, direction, age, count(*) AS events FROM own
            GROUP BY lead_id, channel_id, direction, age
            UNION ALL
           SELECT NULL, customer_id, channel_id, direction, age, count(*) FROM shared
            GROUP BY customer_id, channel_id, direction, age""",
        event=SQL("%s, i.channel_id, i.direction, %s AS age", one_event(SQL("i")), age(settings)),
        same=same_event(SQL("twin"), SQL("i")),
        mine=mine(settings, looked_at),
    )


def age(settings):
    """SQL of the age of an interaction ``i`` in days of the company."""
    return SQL("%s::date - (i.date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", settings.today, settings.tz)


def mine(settings, looked_at):
    """The condition that an interaction ``i`` is of the company or of none, and looked at."""
    return SQL("(i.company_id IS NULL OR i.company_id = %s) AND %s", settings.company_id, looked_at)


def recent(settings, rules):
    """The condition that an interaction ``i`` is of a time that some rule looks at, or up to two days older: days begin
    sooner elsewhere."""
    starts = _starts(settings, rules)
    # "-infinity" comes before all dates
    return SQL("i.date >= %s::timestamp", min(since for _direction, since in starts)) if starts else SQL("FALSE")


def looked_at(settings, rules):
    """The condition that it is also of a channel and direction that some rule looks at."""
    kinds = [
        SQL("i.direction = %s AND i.date >= %s::timestamp AND i.channel_id = ANY(%s)", direction, since, channels)
        for (direction, since), channels in _starts(settings, rules).items()
    ]
    return SQL("%s AND (%s)", recent(settings, rules), SQL(" OR ").join(kinds)) if kinds else SQL("FALSE")


def _starts(settings, rules):
    """``{(direction, since when): channel ids}`` of the interactions that rules look at."""
    channels = defaultdict(list)
    for (channel_id, direction), days in specs.horizons(rules).items():
        since = "-infinity" if days is None else str(settings.today - timedelta(days=days + 2))
        channels[direction, since].append(channel_id)
    return channels


def batches(env, rules):
    """The rules that one query evaluates: fit rules that read columns of the same rows together, every other fit rule
    alone, and all rules of another kind together."""
    batches = {}
    for rule in rules:
        key = rule.kind
        if rule.kind == "fit":
            fixed = env["crm.score.rule"]._fixed_condition(MODELS[rule.applies_on], rule.domain, rule.definer_id)
            key = fixed.source if fixed and fixed.flat else rule.id
        batches.setdefault(key, []).append(rule)
    return [tuple(batch) for batch in batches.values()]


def batch_points(env, batch):
    """The query of one of `batches`. Raises ValueError when a domain cannot be read."""
    kind = batch[0].kind
    if kind == "fit":
        return _fit(env, batch)
    return _silence(batch) if kind == "silence" else _engagement(batch)


def _fit(env, rules):
    """Rows (lead_id, rules) of leads that meet any of these rules."""
    found = [env["crm.score.rule"]._condition(MODELS[rule.applies_on], rule.domain, rule.definer_id) for rule in rules]
    first, record = found[0], SQL.identifier("lead_id" if rules[0].applies_on == "lead" else "partner_id")
    if not first.flat:
        return SQL(
            "SELECT lead_id, %s AS rules FROM crm_plus_scope WHERE %s IN (%s)",
            str(rules[0].id),
            record,
            first.ids(),
        )
    # Among what is selected: as conditions of the query they would be weighed by the statistics of each column first.
    return SQL(
        """SELECT * FROM (SELECT %s lead_id, concat_ws(',', %s) AS rules FROM crm_plus_scope, %s WHERE %s = %s OFFSET 0)
                       met WHERE rules <> ''""",
        SQL() if first.single else SQL("DISTINCT"),
        SQL(", ").join(
            SQL("CASE WHEN %s THEN %s END", condition.holds, str(rule.id))
            for rule, condition in zip(rules, found, strict=True)
        ),
        first.source,
        SQL.identifier(first.table, "id"),
        record,
    )


def _engagement(rules):
    """SQL twin of ``engine.score.rules.event_points``: what an event is worth is worked out once for each rule,
    channel, direction and age. A rule that counts once counts its latest event, which is worth most. After 1,000
    half-lives nothing is left, and PostgreSQL would call it an underflow."""
    values = SQL(", ").join(
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
    )
    return SQL(
        """WITH r (id, points, directions, channels, days, half_life, once) AS (VALUES %s),
           worth AS MATERIALIZED (
           SELECT r.id AS rule_id, channel_id, direction, age,
                  COALESCE(round(r.points * round(power(0.5::float8,
                      least(greatest(age, 0)::float8, 1000 * r.half_life) / r.half_life)::numeric, 6), 2),
                      r.points) AS points
             FROM (SELECT DISTINCT channel_id, direction, age FROM crm_plus_event) e JOIN r ON %s),
           given AS MATERIALIZED (
           SELECT e.lead_id, e.customer_id, w.rule_id, sum(e.events) AS events,
                  sum(e.events * w.points) AS total, max(w.points) AS most, min(w.points) AS least
             FROM crm_plus_event e JOIN worth w USING (channel_id, direction, age)
            GROUP BY e.lead_id, e.customer_id, w.rule_id)
           SELECT lead_id, r.id AS rule_id, events::int,
                  CASE WHEN NOT r.once THEN total WHEN r.points > 0 THEN most ELSE least END AS points
             FROM (SELECT lead_id, rule_id, sum(events) AS events, sum(total) AS total,
                          max(most) AS most, min(least) AS least
                     FROM (SELECT lead_id, rule_id, events, total, most, least FROM given WHERE lead_id IS NOT NULL
                            UNION ALL
                           SELECT s.lead_id, rule_id, events, total, most, least
                             FROM given JOIN crm_plus_scope s USING (customer_id)) part
                    GROUP BY lead_id, rule_id) whole
             JOIN r ON r.id = rule_id""",
        values,
        COUNTED,
    )


def _silence(rules):
    """Leads without such an event for so long; a new lead is not silent before it is that old."""
    return SQL(
        """WITH r (id, points, directions, channels, days) AS (VALUES %s),
           heard AS MATERIALIZED (
           SELECT e.lead_id, e.customer_id, r.id AS rule_id FROM crm_plus_event e JOIN r ON %s)
           SELECT s.lead_id, r.id AS rule_id, NULL::int AS events, r.points
             FROM crm_plus_scope s JOIN r ON s.age > r.days
            WHERE NOT EXISTS (SELECT FROM heard h WHERE h.lead_id = s.lead_id AND h.rule_id = r.id)
              AND NOT EXISTS (SELECT FROM heard h WHERE h.customer_id = s.customer_id AND h.rule_id = r.id)""",
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
    )
