"""RFM segments with memory, in one statement: the SQL twin of ``engine.loyalty.hysteresis.decide``.

Three scores are one number here, such as 543, and the cube is an array that holds the segment of each.
"""

from datetime import timedelta
from itertools import product

from odoo import fields
from odoo.tools import SQL

from ...engine.loyalty.hysteresis import HOVER_DAYS
from ..customer.documents import order_day
from ..customer.limits import NEVER

TOP = 5
# Who is silent for so many usual intervals, and overdue, or probably lost, is not among the most recent customers,
# however few ordered later: recency scores no more than this.
SILENT_INTERVALS = 3
SILENT_SCORE = 2
PROBABLY_LOST = 80


def rfm_query(family, company, scope, stage):
    regions = family._regions()
    return SQL(
        """SELECT profile_id, partner_id, old, target AS new, CASE WHEN target IS NOT NULL THEN score END AS score,
                  jsonb_build_object(
                      'outcome', CASE WHEN old IS NULL THEN 'entered' WHEN home = old THEN 'moved' ELSE 'rules' END,
                      'old_score', held, 'score', score, 'last', %(day)s, 'orders', order_count, 'revenue', revenue,
                      'was', (SELECT jsonb_build_object('last', s.reason->'last', 'orders', s.reason->'orders',
                                                        'revenue', s.reason->'revenue')
                                FROM crm_segment_membership s
                               WHERE s.profile_id = placed.profile_id AND s.segment_id = placed.old
                                     AND s.date_to IS NULL AND NOT s.shadow)
                  ) AS reason
             FROM (SELECT *, %(target)s AS target, %(home)s AS home FROM (%(scored)s OFFSET 0) scored) placed
            WHERE target IS DISTINCT FROM old AND (home = old AND since > %(stay_since)s AND NOT silent) IS NOT TRUE
               OR target = old AND score <> held""",
        day=order_day(company, SQL("last_order_date")),
        target=cube_at(family, regions, SQL("score")),
        home=cube_at(family, regions, SQL("held")),
        scored=_scored_query(company, scope, stage),
        stay_since=company._crm_plus_stay_since(),
    )


def _scored_query(company, scope, stage):
    """Profiles with the scores they are held at and those they have now, each of which changes with patience."""
    return SQL(
        """SELECT p.id AS profile_id, p.partner_id, p.segment_id AS old, p.segment_since AS since,
                  p.segment_score AS held, p.last_order_date, p.window_order_count AS order_count,
                  p.window_revenue AS revenue, %(silent)s AS silent,
                  100 * CASE WHEN %(silent)s THEN LEAST(%(r)s, %(most)s) ELSE %(r)s END + 10 * %(f)s + %(m)s AS score
             FROM %(profiles)s p
            WHERE p.company_id = %(company)s AND %(scope)s""",
        profiles=stage.profiles,
        silent=silent(company),
        most=SILENT_SCORE,
        r=_sticky(company, "recency", SQL("p.segment_score / 100")),
        f=_sticky(company, "frequency", SQL("mod(p.segment_score / 10, 10)")),
        m=_sticky(company, "monetary", SQL("mod(p.segment_score, 10)")),
        company=company.id,
        scope=scope,
    )


def silent(company, alias="p", days=0):
    """SQL: whether the silence of a profile overrules the rank of its last order, so many days from now."""
    then = company._crm_plus_today() + timedelta(days=days)

    def column(name):
        return SQL.identifier(alias, name)

    return SQL(
        """(%(risk)s >= %(lost)s OR %(overdue)s < %(then)s
            AND %(then)s - %(day)s > %(times)s * %(interval)s) IS TRUE""",
        risk=column("churn_risk"),
        lost=PROBABLY_LOST,
        overdue=column("overdue_date"),
        then=then,
        day=order_day(company, column("last_order_date")),
        times=SILENT_INTERVALS,
        interval=column("interval_days"),
    )


def is_silent_by(profile, last, day):
    """The same of a profile whose last order was on the day ``last``, on a day to come."""
    if is_probably_lost(profile):
        return True
    interval, overdue = profile.interval_days, profile.overdue_date
    return bool(overdue and overdue < day and interval and (day - last).days > SILENT_INTERVALS * interval)


def is_probably_lost(profile):
    return profile._is_predicted() and profile.churn_risk >= PROBABLY_LOST


def _sticky(company, name, held):
    """The score that places a profile today."""
    values = {
        "recency": SQL("(%s - %s)", order_day(company, SQL("p.last_order_date")), company._crm_plus_today()),
        "monetary": SQL("p.window_revenue"),
    }
    plain = SQL.identifier("p", f"{name}_score")
    return patient(company, name, held, plain, values.get(name), SQL("p.segment_since"))


def patient(company, name, held, plain, value, since, days=0):
    """SQL: the held score for some weeks while a value within the margin has it, else the plain one, so many days from
    now: twin of ``engine.loyalty.hysteresis``. The value of recency is the age in days of the last order, negative.

    A count of orders does not hover at its limit.
    """
    margin, today = hover_margin(company, days), company._crm_plus_today()
    if name == "frequency" or not margin:
        return plain
    cuts, low, high = company._crm_plus_cuts()[name], 1 - margin, 1 + margin
    if name == "recency":
        # Ages, smaller being better, turned round: of two values the older one is the lower.
        cuts, low, high = [_days(cut, today) for cut in cuts], high, low
    ends = [
        SQL("1 + width_bucket(%s::float8 * %s::float8, %s::float8[])", value, factor, [str(cut) for cut in cuts])
        for factor in (low, high)
    ]
    return SQL(
        "CASE WHEN %(stay)s > %(since)s AND %(held)s BETWEEN %(low)s AND %(high)s THEN %(held)s ELSE %(plain)s END",
        stay=since,
        since=today + timedelta(days=days - HOVER_DAYS),
        held=held,
        plain=plain,
        low=ends[0],
        high=ends[1],
    )


def hover_margin(company, days=0):
    """Within which part of a limit values hover, so many days from now: nothing does at limits that stay where they
    are, and what was held on the day when many customers came, was held at the limits of far fewer."""
    is_moving = company.crm_plus_rfm_mode != "fixed" and not company._crm_plus_few()
    then = company._crm_plus_today() + timedelta(days=days)
    return company.crm_plus_margin if is_moving and company._crm_plus_limits_since() != then else 0


def cube_at(family, regions, score):
    """SQL of the segment that owns a three-digit score."""
    segments = {segment.code: segment._origin.id for segment in family.segment_ids}
    cube = [None] * (111 * TOP)
    for region in regions:
        ranges = [
            range(low, high + 1)
            for low, high in (
                (region.r_min, region.r_max), (region.f_min, region.f_max), (region.m_min, region.m_max),
            )
        ]  # fmt: skip
        for r, f, m in product(*ranges):
            cube[100 * r + 10 * f + m - 1] = segments[region.code]
    return SQL("(%s::int[])[%s]", cube, score)


def _days(cut, today):
    """A cut-point of the last order's day as days from today; “never” stays out of reach."""
    return cut if cut == NEVER else (fields.Date.to_date(cut) - today).days
