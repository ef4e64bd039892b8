"""The scores of a few leads, by the functions of ``engine.score.rules``: to plan the statement that scores all leads
takes PostgreSQL longer than to read what these few have."""

import json
from collections import defaultdict
from decimal import Decimal

import pytz
from odoo.tools import SQL

from ...engine.days import local_day
from ...engine.score import rules as arithmetic
from ..sql import OPEN, array_text
from . import points


def open_leads(env, lead_ids):
    """Rows (lead id, partner id, customer id, date of creation, company id) of those that are open."""
    return env.execute_query(
        SQL(
            """SELECT l.id, l.partner_id, p.commercial_partner_id, l.create_date, l.company_id
                 FROM crm_lead l LEFT JOIN res_partner p ON p.id = l.partner_id WHERE %s AND l.id = ANY(%s)""",
            OPEN,
            list(lead_ids),
        )
    )


def fresh(env, settings, rules, leads):
    """Query of the scores of these `open_leads`, as `totals.fresh` has it."""
    ages = [_age(settings, created) for _lead_id, _partner_id, _customer_id, created, _company_id in leads]
    scope = SQL(
        "crm_plus_scope (lead_id, partner_id, customer_id, age) AS (VALUES %s)",
        SQL(", ").join(
            SQL("(%s, %s::int, %s::int, %s)", *lead[:3], age) for lead, age in zip(leads, ages, strict=True)
        ),
    )
    met, events = _met(env, rules, scope), _events(env, settings, rules, leads)
    return SQL(
        """SELECT * FROM (VALUES %s)
            AS f (lead_id, fit_score, engagement_score, lead_score, lead_grade, rules_explanation)""",
        SQL(", ").join(
            SQL(
                "(%s, %s::numeric, %s::numeric, %s::numeric, %s, %s)",
                lead_id,
                *_score(settings, rules, met[lead_id], [*events[lead_id, None], *events[None, customer_id]], age),
            )
            for (lead_id, _partner_id, customer_id, *_others), age in zip(leads, ages, strict=True)
        ),
    )


def _age(settings, created):
    """Days since then, as days begin in the company; what was created at no time is not old."""
    if created is None:
        return 0
    return (settings.today - local_day(created, pytz.timezone(settings.tz))).days


def _met(env, rules, scope):
    """``{lead id: ids of the fit rules whose condition it meets}``."""
    queries = [points.batch_points(env, batch) for batch in points.batches(env, rules) if batch[0].kind == "fit"]
    met = defaultdict(set)
    if queries:
        union = SQL(" UNION ALL ").join(SQL("(%s)", query) for query in queries)
        for lead_id, found in env.execute_query(SQL("WITH %s %s", scope, union)):
            met[lead_id].update(map(int, found.split(",")))
    return met


def _events(env, settings, rules, leads):
    """``{(lead id, None) or (None, customer id): rows (channel id, direction, age, number)}``: `points.events` of a few
    leads, by two plain look-ups. Whether an event of the lead that several contacts share is one of its customer as
    well is asked only when there is one."""
    events = defaultdict(list)
    customers = {lead_id: customer_id for lead_id, _partner_id, customer_id, *_others in leads}
    known = sorted({customer_id for customer_id in customers.values() if customer_id})
    if all(rule.kind == "fit" for rule in rules):
        return events
    mine, shared = points.mine(settings, points.recent(settings, rules)), set()
    for lead_id, customer_id, ref, *event in _event_rows(env, settings, mine, customers, known):
        if lead_id is None:
            events[None, customer_id].append(event)
        elif customer_id is not None and customer_id == customers[lead_id]:
            continue  # one of those of the customer
        elif ref is None:
            events[lead_id, None].append(event)
        else:
            shared.add((lead_id, ref, *event[:3]))
    twins = _shared_with(env, mine, known, {ref for _lead_id, ref, *_event in shared}) if shared and known else ()
    for lead_id, ref, *event in shared:
        if (customers[lead_id], ref) not in twins:
            events[lead_id, None].append([*event, 1])
    return events


def _event_rows(env, settings, mine, lead_ids, customer_ids):
    """Rows (lead id, customer id, what contacts share, channel id, direction, age, number) of events of these leads;
    without a lead, those of the customers."""
    return env.execute_query(
        SQL(
            """SELECT NULL::int, c.commercial_partner_id, NULL, i.channel_id, i.direction, %(age)s AS age,
                      count(DISTINCT i.shared_ref) + count(*) FILTER (WHERE i.shared_ref IS NULL)
                 FROM res_partner c JOIN crm_interaction i ON i.partner_id = c.id
                WHERE c.commercial_partner_id = ANY(%(customers)s::int[]) AND %(mine)s
                GROUP BY c.commercial_partner_id, i.channel_id, i.direction, age
                UNION ALL
               SELECT i.lead_id, c.commercial_partner_id, i.shared_ref, i.channel_id, i.direction, %(age)s AS age,
                      count(*)
                 FROM crm_interaction i LEFT JOIN res_partner c ON c.id = i.partner_id
                WHERE i.lead_id = ANY(%(leads)s::int[]) AND %(mine)s
                GROUP BY i.lead_id, c.commercial_partner_id, i.shared_ref, i.channel_id, i.direction, age""",
            age=points.age(settings),
            mine=mine,
            leads=array_text(lead_ids),
            customers=array_text(customer_ids),
        )
    )


def _shared_with(env, mine, customer_ids, refs):
    """The (customer id, what contacts share) of events that contacts of these customers share."""
    return set(
        env.execute_query(
            SQL(
                """SELECT DISTINCT c.commercial_partner_id, i.shared_ref
                     FROM res_partner c JOIN crm_interaction i ON i.partner_id = c.id
                    WHERE c.commercial_partner_id = ANY(%s::int[]) AND i.shared_ref = ANY(%s) AND %s""",
                array_text(customer_ids),
                sorted(refs),
                mine,
            )
        )
    )


def _score(settings, rules, met, events, age):
    """(fit, engagement, score, grade, explanation as JSON) of one lead."""
    given, counts = {"fit": [], "engagement": []}, {}
    for rule in rules:
        if rule.kind == "fit":
            total = Decimal(rule.points) if rule.id in met else None
        else:
            total, counts[str(rule.id)] = _event_points(rule, events, age)
        if total is not None:
            cap, group = rule.cap and Decimal(rule.cap), rule.group_id and str(rule.group_id)
            given[rule.axis].append(arithmetic.RulePoints(str(rule.id), total, cap, group))
    caps = {str(group): Decimal(cap) for group, cap in settings.group_caps}
    found = {axis: arithmetic.add_up(of_axis, caps) for axis, of_axis in given.items()}
    fit, engagement = found["fit"].score, found["engagement"].score
    parts = dict(zip(found, arithmetic.lead_score(fit, engagement, Decimal(settings.fit_weight)), strict=True))
    cuts = (map(Decimal, texts) for texts in (settings.fit_cuts, settings.engagement_cuts))
    explanation = {
        axis: {
            "score": str(score.score),
            "part": str(parts[axis]),
            "lines": [_line(line, counts) for line in score.lines],
        }
        for axis, score in found.items()
    }
    letter_and_digit = arithmetic.grade(fit, engagement, *map(tuple, cuts))
    return fit, engagement, sum(parts.values()), letter_and_digit, json.dumps(explanation, separators=(",", ":"))


def _event_points(rule, events, lead_age):
    """(points, number of events) of a rule that looks at events; points are None when it gives nothing."""
    last = rule.silence_days - 1 if rule.kind == "silence" else rule.period_days
    ages = [
        (age, number)
        for channel_id, direction, age, number in events
        if channel_id in rule.channel_ids and direction in rule.directions and (last is None or age <= last)
    ]
    worth = Decimal(rule.points)
    if rule.kind == "silence":
        return worth if lead_age > last and not ages else None, None
    if not ages:
        return None, None
    if rule.once:
        given = arithmetic.event_points(worth, min(ages)[0], rule.half_life_days)
    else:
        given = sum(number * arithmetic.event_points(worth, age, rule.half_life_days) for age, number in ages)
    return given, sum(number for _age, number in ages)


def _line(line, counts):
    count = counts.get(line.key) if line.kind == "rule" else None
    return [line.kind, int(line.key) if line.key else "", str(line.points), count]
