"""Adding up the points of each lead, the SQL twin of ``engine.score.rules.add_up`` and ``lead_score``."""

from odoo.tools import SQL

from ...engine.score.hot import HOT_MARGIN

# The rows of the leads in scope, and their neighbors.
IN_SCOPE = SQL(
    "s.lead_id BETWEEN (SELECT min(lead_id) FROM crm_plus_scope) AND (SELECT max(lead_id) FROM crm_plus_scope)"
)
# What is given before caps: (scored, rule_id, events, points), where ``scored`` is a set of fit rules, as text, or a
# lead; no points are those of the rule.
FIT_POINTS = SQL(
    """SELECT DISTINCT rules AS scored, unnest(string_to_array(rules, ','))::int AS rule_id, NULL::int AS events,
              NULL::numeric AS points
         FROM (SELECT DISTINCT rules FROM met) alike"""
)
EVENT_POINTS = SQL("SELECT lead_id AS scored, rule_id, events, points FROM crm_plus_point")
STORED = ("fit_score", "engagement_score", "lead_score", "lead_grade", "rules_explanation")


def fresh(rules, settings):
    """Query of the scores of every lead in scope: lead_id and the columns `STORED`. Fit is added up once for all leads
    that meet the same rules. Each OFFSET keeps PostgreSQL from working a number out again wherever it is used."""
    return SQL(
        """WITH met AS MATERIALIZED (SELECT lead_id, string_agg(rules, ',') AS rules FROM crm_plus_met GROUP BY lead_id)
           SELECT lead_id, fit_score, engagement_score, part_fit + part_engagement AS lead_score,
                  %(letter)s || %(digit)s AS lead_grade,
                  '{"fit":' || %(fit)s || ',"engagement":' || %(engagement)s || '}' AS rules_explanation
             FROM (SELECT *, round(fit_score * weight + engagement_score * (1 - weight), 2) - part_fit
                             AS part_engagement
                     FROM (SELECT *, round(fit_score * weight, 2) AS part_fit
                             FROM (SELECT *, greatest(0.00, least(fit, 100.00)) AS fit_score,
                                          greatest(0.00, least(engagement, 100.00)) AS engagement_score
                                     FROM (SELECT s.lead_id, %(weight)s::numeric AS weight,
                                                  COALESCE(f.points, 0.00) AS fit, f.lines AS fit_lines,
                                                  COALESCE(e.points, 0.00) AS engagement, e.lines AS engagement_lines
                                             FROM crm_plus_scope s LEFT JOIN met ON met.lead_id = s.lead_id
                                             LEFT JOIN (%(fit_totals)s) f ON f.scored = met.rules
                                             LEFT JOIN (%(engagement_totals)s) e ON e.scored = s.lead_id) total
                                   OFFSET 0) clipped OFFSET 0) of_fit OFFSET 0) of_both""",
        letter=_grade(SQL("fit_score"), settings.fit_cuts, "ABCD"),
        digit=_grade(SQL("engagement_score"), settings.engagement_cuts, "1234"),
        fit=_explanation(SQL("fit"), SQL("fit_score"), SQL("fit_lines"), SQL("part_fit")),
        engagement=_explanation(
            SQL("engagement"), SQL("engagement_score"), SQL("engagement_lines"), SQL("part_engagement")
        ),
        fit_totals=_totals(FIT_POINTS, [rule for rule in rules if rule.axis == "fit"], settings),
        engagement_totals=_totals(EVENT_POINTS, [rule for rule in rules if rule.axis != "fit"], settings),
        weight=settings.fit_weight,
    )


def _totals(given, rules, settings):
    """Query of what the rules of one axis give: (scored, points, lines); ``given`` is what they give before caps."""
    if not rules:
        return SQL("SELECT scored, 0.00 AS points, NULL AS lines FROM (%s) given WHERE FALSE", given)
    return SQL(
        """SELECT scored, sum(points) AS points, string_agg(line, ',') AS lines
             FROM (SELECT * FROM (%s) line ORDER BY scored, step, position) line GROUP BY scored""",
        _lines(given, rules, settings),
    )


def _lines(given, rules, settings):
    """Query of all lines but the clip: (scored, step, position, points, line); ``line`` is JSON text."""
    rule_values = SQL(", ").join(
        SQL("(%s, %s, %s::numeric, %s::numeric, %s::int)", rule.id, rule.position, rule.points, rule.cap, rule.group_id)
        for rule in rules
    )
    parts = [
        SQL("""SELECT scored, 1 AS step, position, points,
                      '["rule",' || rule_id || ',"' || points || '",' || COALESCE(events::text, 'null') || ']' AS line
                 FROM kept WHERE points <> 0""")
    ]
    if any(rule.cap is not None for rule in rules):
        parts.append(
            SQL("""SELECT scored, 2, position, kept - points,
                          '["rule_cap",' || rule_id || ',"' || kept - points || '",null]'
                     FROM kept WHERE kept <> points""")
        )
    if settings.group_caps:
        parts.append(_group_lines(settings))
    return SQL(
        """WITH kept AS (
                SELECT scored, rule_id, events, points, position, group_id,
                       CASE WHEN cap IS NULL THEN points ELSE greatest(-cap, least(points, cap)) END AS kept
                  FROM (SELECT g.scored, g.rule_id, g.events, COALESCE(g.points, r.points) AS points, r.position,
                               r.cap, r.group_id
                          FROM (%s) g JOIN (VALUES %s) AS r(id, position, points, cap, group_id) ON r.id = g.rule_id)
                       given)
           %s""",
        given,
        rule_values,
        SQL(" UNION ALL ").join(parts),
    )


def _group_lines(settings):
    caps = SQL(", ").join(SQL("(%s, %s::numeric)", group, cap) for group, cap in settings.group_caps)
    return SQL(
        """SELECT scored, 3, position, inside - total,
                  '["group_cap",' || group_id || ',"' || inside - total || '",null]'
             FROM (SELECT scored, group_id, min(position) AS position, sum(kept) AS total,
                          greatest(-max(cap), least(sum(kept), max(cap))) AS inside
                     FROM kept JOIN (VALUES %s) AS g(id, cap) ON g.id = group_id
                    GROUP BY scored, group_id) grouped
            WHERE inside <> total""",
        caps,
    )


def _grade(score, cuts, signs):
    """SQL twin of ``engine.score.rules.grade``: a score equal to a cut reaches the better one."""
    return SQL(
        "CASE WHEN %(score)s >= %(c0)s::numeric THEN %(s0)s WHEN %(score)s >= %(c1)s::numeric THEN %(s1)s "
        "WHEN %(score)s >= %(c2)s::numeric THEN %(s2)s ELSE %(s3)s END",
        score=score,
        **{f"c{i}": cut for i, cut in enumerate(cuts)},
        **{f"s{i}": sign for i, sign in enumerate(signs)},
    )


def _explanation(total, score, text, part):
    """JSON text of one axis; what the clip adds or takes away is its last line."""
    return SQL(
        """'{"score":"' || %(score)s || '","part":"' || %(part)s || '","lines":[' || concat_ws(',', %(text)s,
               CASE WHEN %(score)s <> %(total)s
                    THEN '["clip","","' || %(score)s - %(total)s || '",null]' END) || ']}'""",
        score=score,
        total=total,
        text=text,
        part=part,
    )


def store(fresh_query, settings, within):
    """Statement that updates the rows that differ and inserts those that are missing; it returns the changed ones as
    (lead_id, announce): whether the lead has just become hot and is to be announced. ``within`` is a condition on
    the stored rows ``s`` that those of all leads meet."""
    parts = {
        "fresh": fresh_query,
        "within": within,
        "columns": SQL(", ").join(map(SQL.identifier, STORED)),
        "new": SQL(", ").join(SQL.identifier("f", name) for name in STORED),
        "old": SQL(", ").join(SQL.identifier("s", name) for name in STORED),
        "hot": SQL("f.lead_score >= %s::numeric", settings.hot_score),
        "warm": SQL("f.lead_score >= %s::numeric - %s", settings.hot_score, HOT_MARGIN),
        "notify": settings.notify_hot,
        "today": settings.today,
    }
    return SQL(
        """WITH fresh AS MATERIALIZED (
                SELECT f.*, s.id AS row_id
                  FROM (%(fresh)s) f LEFT JOIN crm_lead_score s ON s.lead_id = f.lead_id AND %(within)s
                 WHERE s.id IS NULL OR (%(old)s) IS DISTINCT FROM (%(new)s)
                       OR s.hot_date IS NULL AND %(hot)s OR s.hot_date IS NOT NULL AND NOT %(warm)s),
                updated AS (
                UPDATE crm_lead_score s SET (%(columns)s, scored_on) = ROW(%(new)s, %(today)s::date),
                       hot_date = CASE WHEN %(hot)s THEN COALESCE(s.hot_date, now() AT TIME ZONE 'UTC')
                                       WHEN %(warm)s THEN s.hot_date END,
                       hot_to_announce = %(notify)s AND %(warm)s
                                         AND (s.hot_to_announce IS TRUE OR s.hot_date IS NULL AND %(hot)s)
                  FROM fresh f WHERE s.id = f.row_id
                RETURNING s.lead_id, s.hot_to_announce),
                inserted AS (
                INSERT INTO crm_lead_score (lead_id, %(columns)s, scored_on, hot_date, hot_to_announce)
                SELECT f.lead_id, %(new)s, %(today)s::date, CASE WHEN %(hot)s THEN now() AT TIME ZONE 'UTC' END,
                       %(hot)s AND %(notify)s
                  FROM fresh f WHERE f.row_id IS NULL
                RETURNING lead_id, hot_to_announce)
           SELECT lead_id, hot_to_announce FROM updated UNION ALL SELECT lead_id, hot_to_announce FROM inserted""",
        **parts,
    )
