"""What each rule gives each lead: queries of the columns (lead_id, rule_id, events, points)."""

from ast import literal_eval
from datetime import timedelta

from odoo.fields import Domain
from odoo.tools import SQL

OPEN = SQL("l.active AND l.won_status = 'pending'")
# Leads of no company are scored as those of the first one.
COMPANY = SQL("COALESCE(l.company_id, (SELECT min(id) FROM res_company))")


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
    """The events of each lead, counted by channel, direction and age: those of the lead itself, and those of any
    contact of its customer, whichever lead they belong to. An event shared by several contacts is one event: same
    source, document, date and summary."""
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
                SELECT customer_id, channel_id, direction, age, count(*) AS events
                  FROM (SELECT DISTINCT s.customer_id, %(event)s
                          FROM (SELECT DISTINCT customer_id FROM crm_plus_scope WHERE customer_id IS NOT NULL) s
                          JOIN res_partner c ON c.commercial_partner_id = s.customer_id
                          JOIN crm_interaction i ON i.partner_id = c.id
                         WHERE %(mine)s) event
                 GROUP BY customer_id, channel_id, direction, age)
           SELECT lead_id, channel_id, direction, age, count(*)::int AS events FROM own
            GROUP BY lead_id, channel_id, direction, age
            UNION ALL
           SELECT s.lead_id, channel_id, direction, shared.age, events::int
             FROM crm_plus_scope s JOIN shared USING (customer_id)""",
        event=SQL(
            """i.source_id, i.document_model, COALESCE(i.document_id, -i.id) AS document, i.date, i.name,
               i.channel_id, i.direction,
               %s::date - (i.date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date AS age""",
            settings.today,
            settings.tz,
        ),
        mine=SQL("(i.company_id IS NULL OR i.company_id = %s) AND %s", settings.company_id, recent),
    )


def rule_points(env, rule):
    """The query of one rule. Raises ValueError when its domain cannot be read."""
    if rule.kind == "fit":
        return _fit(env, rule)
    return _silence(rule) if rule.kind == "silence" else _engagement(rule)


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


def _engagement(rule):
    """SQL twin of ``engine.leads.rules.event_points``; a rule that counts once counts its latest event."""
    age = SQL("min(e.age)") if rule.once else SQL("e.age")
    points = SQL("%s::numeric", rule.points)
    if rule.half_life_days is not None:
        decay = SQL("power(0.5::float8, greatest(%s, 0)::float8 / %s::float8)", age, rule.half_life_days)
        points = SQL("round(%s * round(%s::numeric, 6), 2)", points, decay)
    return SQL(
        """SELECT lead_id, %(rule)s AS rule_id, sum(events)::int AS events, %(points)s AS points
             FROM crm_plus_event e WHERE %(which)s GROUP BY lead_id""",
        rule=rule.id,
        points=points if rule.once else SQL("sum(events * %s)", points),
        which=_which(rule, rule.period_days),
    )


def _silence(rule):
    """Leads without such an event for so long; a new lead is not silent before it is that old."""
    return SQL(
        """SELECT lead_id, %(rule)s AS rule_id, NULL::int AS events, %(points)s::numeric AS points
             FROM crm_plus_scope s
            WHERE s.age >= %(days)s
              AND NOT EXISTS (SELECT FROM crm_plus_event e WHERE e.lead_id = s.lead_id AND %(which)s)""",
        rule=rule.id,
        points=rule.points,
        days=rule.silence_days,
        which=_which(rule, rule.silence_days - 1),
    )


def _which(rule, days):
    """The events a rule counts: of its channels and directions, not older than so many days."""
    conditions = [SQL("e.direction = ANY(%s)", list(rule.directions))]
    if rule.channel_ids:
        conditions.append(SQL("e.channel_id = ANY(%s)", list(rule.channel_ids)))
    if days is not None:
        conditions.append(SQL("e.age <= %s", days))
    return SQL(" AND ").join(conditions)
