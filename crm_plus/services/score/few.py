"""The scores of a few leads, by the functions of ``engine.score.rules``: to plan the statement that scores all leads
takes PostgreSQL longer than to read what these few have."""

import json
from collections import defaultdict
from decimal import Decimal

import pytz
from odoo.tools import SQL

from ...engine.days import local_day
from ...engine.score import rules as arithmetic
from ..sql import OPEN
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
    met, events = _met(env, rules, scope), _events(env, settings, rules, scope)
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


def _events(env, settings, rules, scope):
    """``{(lead id, None) or (None, customer id): rows (channel id, direction, age, number)}``."""
    events = defaultdict(list)
    if any(rule.kind != "fit" for rule in rules):
        found = points.events(settings, points.recent(settings, rules))
        rows = env.execute_query(SQL("WITH %s SELECT * FROM (%s) e", scope, found))
        for lead_id, customer_id, *event in rows:
            events[lead_id, customer_id].append(event)
    return events


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
