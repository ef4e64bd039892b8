"""Adding up the points of each lead, the SQL twin of ``engine.leads.rules.add_up`` and ``lead_score``."""

from odoo.tools import SQL

# A hot lead stays so until it falls this far below the threshold, so that one on the edge is announced once.
HOT_MARGIN = 5
# The rows of the leads in scope, and their neighbours.
IN_SCOPE = SQL(
    "s.lead_id BETWEEN (SELECT min(lead_id) FROM crm_plus_scope) AND (SELECT max(lead_id) FROM crm_plus_scope)"
)
STORED = ("fit_score", "engagement_score", "lead_score", "lead_grade", "rules_explanation")


def lines(rules, settings):
    """Query of all lines but the clip: (lead_id, axis, step, position, points, line); ``line`` is JSON text."""
    rule_values = SQL(", ").join(
        SQL(
            "(%s, %s, %s, %s::numeric, %s::int)",
            rule.id,
            rule.axis,
            rule.position,
            None if rule.cap is None else rule.cap,
            rule.group_id,
        )
        for rule in rules
    )
    parts = [
        SQL("""SELECT lead_id, axis, 1 AS step, position, points,
                      '["rule",' || rule_id || ',"' || points || '",' || COALESCE(events::text, 'null') || ']' AS line
                 FROM kept WHERE points <> 0""")
    ]
    if any(rule.cap is not None for rule in rules):
        parts.append(
            SQL("""SELECT lead_id, axis, 2, position, kept - points,
                          '["rule_cap",' || rule_id || ',"' || kept - points || '",null]'
                     FROM kept WHERE kept <> points""")
        )
    if settings.group_caps:
        parts.append(_group_lines(settings))
    return SQL(
        """WITH kept AS (
                SELECT p.lead_id, p.rule_id, p.events, p.points, r.axis, r.position, r.group_id,
                       CASE WHEN r.cap IS NULL THEN p.points ELSE greatest(-r.cap, least(p.points, r.cap)) END AS kept
                  FROM crm_plus_point p JOIN (VALUES %s) AS r(id, axis, position, cap, group_id) ON r.id = p.rule_id)
           %s""",
        rule_values,
        SQL(" UNION ALL ").join(parts),
    )


def _group_lines(settings):
    caps = SQL(", ").join(SQL("(%s, %s::numeric)", group, cap) for group, cap in settings.group_caps)
    return SQL(
        """SELECT lead_id, axis, 3, position, inside - total,
                  '["group_cap",' || group_id || ',"' || inside - total || '",null]'
             FROM (SELECT lead_id, axis, group_id, min(position) AS position, sum(kept) AS total,
                          greatest(-max(cap), least(sum(kept), max(cap))) AS inside
                     FROM kept JOIN (VALUES %s) AS g(id, cap) ON g.id = group_id
                    GROUP BY lead_id, axis, group_id) grouped
            WHERE inside <> total""",
        caps,
    )


def fresh(rules, settings):
    """Query of the scores of every lead in scope: lead_id and the columns `STORED`. Each OFFSET keeps PostgreSQL from
    working a number out again wherever it is used."""
    return SQL(
        """SELECT lead_id, fit_score, engagement_score, part_fit + part_engagement AS lead_score,
                  %(letter)s || %(digit)s AS lead_grade,
                  '{"fit":' || %(fit)s || ',"engagement":' || %(engagement)s || '}' AS rules_explanation
             FROM (SELECT *, round(fit_score * weight + engagement_score * (1 - weight), 2) - part_fit
                             AS part_engagement
                     FROM (SELECT *, round(fit_score * weight, 2) AS part_fit
                             FROM (SELECT *, greatest(0.00, least(fit, 100.00)) AS fit_score,
                                          greatest(0.00, least(engagement, 100.00)) AS engagement_score
                                     FROM (SELECT s.lead_id, %(weight)s::numeric AS weight,
                                                  COALESCE(fit, 0.00) AS fit, fit_lines,
                                                  COALESCE(engagement, 0.00) AS engagement, engagement_lines
                                             FROM crm_plus_scope s LEFT JOIN (%(totals)s) t USING (lead_id)) total
                                   OFFSET 0) clipped OFFSET 0) of_fit OFFSET 0) of_both""",
        letter=_grade(SQL("fit_score"), settings.fit_cuts, "ABCD"),
        digit=_grade(SQL("engagement_score"), settings.engagement_cuts, "1234"),
        fit=_explanation(SQL("fit"), SQL("fit_score"), SQL("fit_lines"), SQL("part_fit")),
        engagement=_explanation(
            SQL("engagement"), SQL("engagement_score"), SQL("engagement_lines"), SQL("part_engagement")
        ),
        totals=_totals(rules, settings),
        weight=settings.fit_weight,
    )


def _totals(rules, settings):
    if not rules:
        return SQL(
            "SELECT NULL::int AS lead_id, 0.00 AS fit, 0.00 AS engagement, NULL AS fit_lines, NULL AS engagement_lines"
        )
    return SQL(
        """SELECT lead_id,
                  sum(points) FILTER (WHERE axis = 'fit') AS fit,
                  sum(points) FILTER (WHERE axis = 'engagement') AS engagement,
                  string_agg(line, ',') FILTER (WHERE axis = 'fit') AS fit_lines,
                  string_agg(line, ',') FILTER (WHERE axis = 'engagement') AS engagement_lines
             FROM (SELECT * FROM (%s) line ORDER BY lead_id, step, position) line
            GROUP BY lead_id""",
        lines(rules, settings),
    )


def _grade(score, cuts, signs):
    """SQL twin of ``engine.leads.rules.grade``: a score equal to a cut reaches the better one."""
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
    (lead_id, announce): whether the lead has just become hot and somebody is to be told. ``within`` is a condition on
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
