"""What is derived from the documents, beside what it should be: everything here gives what is wrong."""

import time
from collections import Counter

from odoo.tools import SQL

from devtools.faults.balance import unbalanced
from devtools.faults.data import CALL, ENTERED, LEFT

OPEN_LEADS = SQL(
    """SELECT s.lead_id, s.fit_score, s.engagement_score, s.lead_score FROM crm_lead_score s
         JOIN crm_lead l ON l.id = s.lead_id WHERE l.active AND l.won_status = 'pending'"""
)
FACTS = SQL(
    """SELECT company_id, partner_id, order_count, revenue, first_order_date, last_order_date
         FROM crm_customer_profile"""
)
# Records that are captured again: queued for themselves, or about documents that are.
QUEUED = SQL(
    """SELECT source_id, res_id FROM crm_interaction_queue WHERE source_id IS NOT NULL AND last_id IS NULL
        UNION SELECT i.source_id, i.res_id FROM crm_interaction i
                JOIN crm_interaction_queue q ON q.document_model = i.document_model AND q.res_id = i.document_id"""
)
RANGES = SQL("SELECT source_id, res_id, last_id FROM crm_interaction_queue WHERE last_id IS NOT NULL")
ATTEMPTS = 60
# Two stays of one customer in one place at a time.
OVERLAPS = {
    "crm_segment_membership": "a.family_id = b.family_id AND a.shadow = b.shadow",
    "crm_tier_stay": "TRUE",
}


def highest_ids(env) -> dict[str, int]:
    """The last record of the table of each source."""
    found = {}
    for compiled in env["crm.interaction.source"]._compiled_sources().values():
        [(found[compiled.table],)] = env.execute_query(
            SQL("SELECT COALESCE(max(id), 0) FROM %s", SQL.identifier(compiled.table))
        )
    return found


def unnoted(env, since: dict[str, int]) -> set[tuple]:
    """(source, record, kind) of all differences between documents and timeline, of records made after ``since``, that
    are not queued either: nobody but the check of the night would find them. All of one snapshot."""
    from odoo.addons.crm_plus.services.interaction.capture import session

    queued, ranges = set(env.execute_query(QUEUED)), env.execute_query(RANGES)
    highest, found = highest_ids(env), set()
    for source_id, compiled in env["crm.interaction.source"]._compiled_sources().items():
        low, high = since.get(compiled.table, 0) + 1, highest[compiled.table]
        if low <= high:
            session.run_range(env.cr, compiled.statements.drift, low, high)
            drift = env.cr.fetchall()
            found |= {
                (source_id, record, kind)
                for record, kind in drift
                if (source_id, record) not in queued
                and not any(source == source_id and first <= record <= last for source, first, last in ranges)
            }
    return {(env["crm.interaction.source"].browse(source).code, record, kind) for source, record, kind in found}


def doubled_interactions(env) -> int:
    """Interactions that are there more than once."""
    [(count,)] = env.execute_query(
        SQL(
            """SELECT COALESCE(sum(n - 1), 0)::int FROM (
                   SELECT count(*) AS n FROM crm_interaction WHERE res_id IS NOT NULL
                    GROUP BY source_id, res_id, occurrence, COALESCE(partner_id, 0)) found"""
        )
    )
    return count


def stale_profiles(env) -> int:
    """Customers whose figures a refresh of all would change."""
    return len({row[:2] for row in _changed(env, FACTS, env["crm.customer.profile"]._refresh_company)})


def stale_scores(env) -> int:
    """Open leads whose scores by rules a refresh of all would change."""
    scores = env["crm.lead.score"]
    return len(
        {row[0] for row in _changed(env, OPEN_LEADS, lambda company: scores._refresh_many(company, SQL("TRUE")))}
    )


def _changed(env, query, refresh) -> set[tuple]:
    """The rows of a query that a refresh of all companies would change; again while a scheduled action is at it."""
    from odoo.addons.crm_plus.services.sql import DISTURBED

    for _attempt in range(ATTEMPTS):
        try:
            before = set(env.execute_query(query))
            if all(refresh(company) is not False for company in env["res.company"].search([])):
                return before ^ set(env.execute_query(query))
        except DISTURBED:
            pass
        finally:
            env.cr.rollback()
        time.sleep(1)
    raise RuntimeError("The scheduled actions do not come to rest.")


def overlapping_stays(env) -> int:
    """Pairs of stays of one customer in one family, or of tiers, that last at the same time."""
    found = 0
    for table, same in OVERLAPS.items():
        [(count,)] = env.execute_query(
            SQL(
                """SELECT count(*) FROM %(table)s a JOIN %(table)s b ON a.partner_id = b.partner_id
                      AND a.company_id = b.company_id AND a.id < b.id AND %(same)s
                      AND daterange(a.date_from, a.date_to) && daterange(b.date_from, b.date_to)""",
                table=SQL.identifier(table),
                same=SQL(same),
            )
        )
        found += count
    return found


def effects(env) -> tuple[Counter, Counter]:
    """Customers for whom what rules do on entering and leaving was lost, and for whom it was doubled, by how many."""
    lost, doubled = Counter(), Counter()
    for mark in (ENTERED, LEFT):
        rows = env.execute_query(
            SQL(
                """SELECT r.partner_id FROM crm_followup_run r JOIN crm_followup_rule rule ON rule.id = r.rule_id
                    WHERE rule.name->>'en_US' = %s AND r.state = 'done'""",
                mark,
            )
        )
        wrong = unbalanced(Counter(row[0] for row in rows), _marked(env, mark))
        lost, doubled = lost + wrong[0], doubled + wrong[1]
    return lost, doubled


def followed_up_twice(env) -> int:
    """Contacts beyond the one that the limits allow each customer, over all rules."""
    [(count,)] = env.execute_query(
        SQL(
            """SELECT COALESCE(sum(n - 1), 0)::int FROM (
                   SELECT count(*) AS n FROM crm_followup_event e JOIN crm_followup_rule r ON r.id = e.rule_id
                    WHERE e.kind = 'activity' AND NOT e.shadow AND r.name->>'en_US' LIKE %s
                    GROUP BY e.partner_id) found""",
            f"{CALL} %",
        )
    )
    return count


def not_followed_up(env) -> int:
    """Customers of the rules whom none of them has seen, and steps that are due: whom users have contacted wait."""
    audience = env["crm.audience"].search([("name", "=", CALL)], limit=1)
    [(count,)] = env.execute_query(
        SQL(
            """SELECT (SELECT count(*) FROM (%s) m WHERE m.partner_id NOT IN (
                              SELECT partner_id FROM crm_followup_run WHERE partner_id IS NOT NULL))
                    + (SELECT count(*) FROM crm_followup_run WHERE state = 'open' AND step_id IS NOT NULL
                                                               AND date_next <= now() AT TIME ZONE 'UTC')""",
            audience._members_sql(),
        )
    )
    return count


def half_done(env) -> int:
    """Activities of rules that no event knows, and events whose activity is not there."""
    [(count,)] = env.execute_query(
        SQL(
            """SELECT (SELECT count(*) FROM mail_activity a WHERE a.summary = %(call)s AND NOT EXISTS (
                              SELECT FROM crm_followup_event e WHERE e.activity_ref = a.id))
                    + (SELECT count(*) FROM crm_followup_event e JOIN crm_followup_run r ON r.id = e.run_id
                        WHERE e.activity_ref IS NOT NULL AND r.state = 'open'
                          AND NOT EXISTS (SELECT FROM mail_activity a WHERE a.id = e.activity_ref))""",
            call=CALL,
        )
    )
    return count


def _marked(env, mark: str) -> Counter:
    """How often a mark was made for each customer."""
    names = env["res.partner.category"].search([("name", "=like", f"{mark} %")]).mapped("name")
    return Counter(int(name.rpartition(" ")[2]) for name in names)


def compared(env) -> dict[str, int]:
    """How much there was to compare."""
    return {
        "interactions": env["crm.interaction"].search_count([("res_id", "!=", False)]),
        "profiles": env["crm.customer.profile"].search_count([]),
        "open leads with scores": len(env.execute_query(OPEN_LEADS)),
        "stays": sum(env[name].search_count([]) for name in ("crm.segment.membership", "crm.tier.stay")),
        "follow-ups": env["crm.followup.event"].search_count([("kind", "=", "activity")]),
        "effects": sum(_marked(env, mark).total() for mark in (ENTERED, LEFT)),
    }


def unsettled(env) -> dict[str, int]:
    """What is still to be done by scheduled actions, by name; empty when nothing is."""
    pending = {
        "records to capture": env["crm.interaction.queue"].search_count(
            [("captured_by", "=", False), ("date", "<=", "now")]
        ),
        "customers to refresh": env["crm.customer.queue"].search_count([]),
        "leads to score": env["crm.lead.score.queue"].search_count([]),
        "stays to act upon": sum(
            env[name].search_count(env[name]._pending_domain()) for name in ("crm.segment.membership", "crm.tier.stay")
        ),
        "customers to follow up": not_followed_up(env),
        "sources to load": len(env["crm.interaction.source"]._to_backfill()),
    }
    return {name: count for name, count in pending.items() if count}
