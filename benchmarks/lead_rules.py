"""Score rules: all open leads at once, one saved lead, lists by score, and the host's own scoring beside them.

100,000 open leads of 50,000 customers with a million interactions, 50,000 closed ones (--scale for fewer), and the
starter rules. Beside the full run stands the host's own update of the probabilities of the same leads, which reads no
interactions.
"""

import statistics
import sys
import time
from collections.abc import Iterable
from datetime import timedelta

from benchmarks.harness import Figure, at_most, timed_median
from benchmarks.leads_saving import saving

NEEDS = "odoo"
LEADS, EVENTS_EACH = 100_000, 10
MARK = "crm_plus.bench_lead_rules"


def add_arguments(parser) -> None:
    """What may be left out."""
    parser.add_argument("--no-host", action="store_true", help="leave out the host's own scoring, which takes minutes")


def run(options) -> Iterable[Figure]:
    """All figures."""
    count = int(LEADS * options.scale)
    with options.env_factory() as env:
        _ensure(env, count)
    host = None if options.no_host else _host(options, count)
    yield from _full(options, count, host)
    yield from saving(options, "rules")
    yield from _lists(options)


# ------------------------------------------------------------------ data


def _ensure(env, count):
    done = env["ir.config_parameter"].get_param(MARK)
    if done and int(done) != count:
        raise SystemExit(f"The database holds {done} leads: add --fresh to make it anew.")
    if done:
        return
    env.cr.execute("SELECT setseed(0.42)")
    customers = _customers(env, count // 2)
    leads = _leads(env, customers, count)
    _events(env, customers, leads)
    _closed(env, count // 2)
    env["ir.config_parameter"].set_param(MARK, count)
    env.cr.commit()
    env.cr._cnx.autocommit = True
    env.cr.execute("VACUUM ANALYZE res_partner, crm_lead, crm_interaction")
    env.cr._cnx.autocommit = False


def _copies(template, count, **columns):
    from odoo.tools import SQL

    from devtools.scripts.copies import insert_copies, reserve_ids

    ids = reserve_ids(template, count)
    rows = SQL("(SELECT n, %s + n AS id FROM generate_series(0, %s) AS n) r", ids[0], count - 1)
    insert_copies(template, rows, id=SQL("r.id"), **{name: SQL(text) for name, text in columns.items()})
    return ids


def _customers(env, count):
    template = env["res.partner"].create({"name": "Customer", "ref": "bench"})
    return _copies(
        template, count, name="'Customer ' || n", complete_name="'Customer ' || n", commercial_partner_id="r.id"
    )


def _leads(env, customers, count):
    template = env["crm.lead"].create({"name": "Lead", "type": "opportunity", "email_from": "a@example.com"})
    return _copies(
        template,
        count,
        name="'Lead ' || n",
        partner_id=f"{customers[0]} + n %% {len(customers)}",
        email_state="CASE WHEN n %% 3 = 0 THEN 'correct' END",
        phone_state="CASE WHEN n %% 4 = 0 THEN 'correct' END",
        partner_name="CASE WHEN n %% 5 < 3 THEN 'Firm ' || n END",
        function="CASE n %% 7 WHEN 0 THEN 'Managing director' WHEN 1 THEN 'Clerk' END",
        expected_revenue="CASE WHEN n %% 2 = 0 THEN (n * 7919) %% 50000 ELSE 0 END",
        priority="(n %% 4)::text",
        create_date="now() AT TIME ZONE 'UTC' - n %% 400 * interval '1 day'",
    )


def _closed(env, count):
    """Won and lost leads, from which the host's scoring learns."""
    won = env["crm.stage"].search([("is_won", "=", True)], limit=1)
    env["ir.config_parameter"].set_param("crm.pls_start_date", "2000-01-01")
    for number, outcome in enumerate(("won", "lost")):
        template = env["crm.lead"].create({"name": outcome, "type": "opportunity", "email_from": "a@example.com"})
        getattr(template, f"action_set_{outcome}")()
        template.flush_recordset()
        _copies(
            template,
            count // 2,
            email_state=f"CASE WHEN n %% {3 + number} = 0 THEN 'correct' END",
            phone_state=f"CASE WHEN n %% {5 - number} = 0 THEN 'correct' END",
            stage_id=str(won.id) if outcome == "won" else "(SELECT min(id) FROM crm_stage)",
        )


def _events(env, customers, leads):
    source = env["crm.interaction.source"].search([("kind", "=", "manual")], limit=1)
    env.cr.execute(
        """INSERT INTO crm_interaction (partner_id, source_id, occurrence, date, channel_id, direction, name)
           SELECT %s + n %% %s, %s, 0, now() AT TIME ZONE 'UTC' - random() * interval '300 days',
                  channels[1 + n %% array_length(channels, 1)], (array['in', 'out', 'none'])[1 + n %% 3], 'Event ' || n
             FROM generate_series(0, %s) n,
                  (SELECT array_agg(id ORDER BY id) AS channels FROM crm_interaction_channel) c""",
        [customers[0], len(customers), source.id, len(leads) * EVENTS_EACH - 1],
    )


# ------------------------------------------------------------------ figures


def _seconds(options, work):
    """(seconds, statements) of one committed transaction."""
    with options.env_factory() as env:
        statements, start = env.cr.sql_log_count, time.perf_counter()
        work(env)
        env.cr.commit()
        return time.perf_counter() - start, env.cr.sql_log_count - statements


def _host(options, count):
    print("The host scores the same leads; this takes minutes.", file=sys.stderr)
    return _seconds(options, lambda env: env["crm.lead"]._cron_update_automated_probabilities())[0] / count * 1e6


def _rescore(env):
    from odoo.tools import SQL

    env["crm.lead.score"]._refresh_many(env["res.company"].browse(1), SQL("TRUE"))


def _full(options, count, host):
    with options.env_factory() as env:
        env.cr.execute("DELETE FROM crm_lead_score_history")
        env.cr.execute("DELETE FROM crm_lead_score")
    first, statements = _seconds(options, _rescore)
    yield at_most("first scores of all open leads", first, max(60 * count / LEADS, 5))
    yield at_most("statements of it", statements, 150, "")
    again = statistics.median(_seconds(options, _rescore)[0] for _turn in range(3))
    yield Figure("scored again, nothing changed", again)
    tomorrow, moved = _tomorrow(options)
    yield Figure("scores that are others a day later", moved, "")
    if host:
        theirs = "host's own scoring, without events"
        yield Figure("first, a lead with its events", first / count * 1e6, "us", host, theirs)
        for name, seconds in (("again", again), ("a day later", tomorrow)):
            yield at_most(f"{name}, a lead with its events", seconds / count * 1e6, 1, "us", host, theirs, ratio=True)


def _tomorrow(options):
    """(seconds, changed scores) of the night in which points have faded by a day; rolled back."""
    with options.env_factory() as env:
        companies = type(env["res.company"])
        today = companies._crm_plus_today
        companies._crm_plus_today = lambda company: today(company) + timedelta(days=1)
        try:
            start = time.perf_counter()
            _rescore(env)
            seconds = time.perf_counter() - start
        finally:
            companies._crm_plus_today = today
        env.cr.execute("SELECT count(*) FROM crm_lead_score WHERE xmin::text = pg_current_xact_id()::text")
        moved = env.cr.fetchone()[0]
        env.cr.rollback()
        return seconds, moved


def _lists(options):
    with options.env_factory() as env:
        leads = env["crm.lead"]
        hot = [("lead_score", ">=", 60)]
        for name, work in {
            "first page of the list, best first": lambda: leads.search([], limit=80, order="lead_score desc").ids,
            "first page of hot leads, most valuable first": lambda: (
                leads.search(hot, limit=80, order="attention_value desc").ids
            ),
            "count of hot leads": lambda: leads.search_count(hot),
            "groups by grade": lambda: leads._read_group([], ["lead_grade"], ["lead_score:avg", "__count"]),
        }.items():
            yield Figure(name, timed_median(work, repeat=5) * 1000, "ms")
