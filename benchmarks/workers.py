"""The scheduled actions as a server with workers runs them, with the time and memory that the host gives where its
configuration says nothing: none may be killed, and each must come to its end, over as many runs as it takes.

It goes on with the database of another benchmark: `./dev bench workers --db bench_board`.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg2

from benchmarks.harness import Figure, at_most
from devtools.common import home
from devtools.serve import free_port

NEEDS = "odoo"
# What the host says of an action that it stops.
KILLED = re.compile(r"timeout after|\) timed out|CPU time limit|memory limit \(|MemoryError|SIGXCPU")
STARTED = r"Job .* \({cron}\) starting"
TOOK = r"Job .* \({cron}\) .*duration ([\d.]+)s\)"
DUE = """SELECT nextcall <= now() AT TIME ZONE 'UTC' OR EXISTS (
                SELECT FROM ir_cron_trigger t WHERE t.cron_id = c.id AND t.call_at <= now() AT TIME ZONE 'UTC')
           FROM ir_cron c WHERE c.id = %s"""


def add_arguments(parser) -> None:
    """What to run."""
    parser.add_argument("--only", nargs="+", metavar="ACTION", help="such as ir_cron_refresh_profiles; otherwise all")
    parser.add_argument("--first", action="store_true", help="forget profiles and stays, as before the first refresh")
    parser.add_argument("--history", action="store_true", help="forget what was loaded of documents and messages")
    parser.add_argument("--past", action="store_true", help="forget the figures of the past")
    parser.add_argument("--audience", action="store_true", help="have a rule tag all customers, and a list follow them")
    parser.add_argument("--benefits", action="store_true", help="have each segment and tier bring a tag")
    parser.add_argument("--patience", type=int, default=3600, metavar="SECONDS", help="what each may take altogether")


def run(options) -> Iterable[Figure]:
    """Each action alone, one after the other: as they are named, or by their priorities."""
    from benchmarks import board_data

    with options.env_factory() as env:
        yield Figure("customers and contacts", board_data.ensure(env, options.scale), "")
        for asked, prepare in ((options.first, _forget), (options.history, _forget_history),
                               (options.past, _forget_past), (options.audience, _follow_all),
                               (options.benefits, _bring_tags)):  # fmt: skip
            if asked:
                prepare(env)
        actions = _actions(env, options.only)
        # Nothing is due but what is measured.
        env.cr.execute("UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + interval '1 year'")
        env.cr.execute("DELETE FROM ir_cron_trigger")
        database = env.cr.dbname
    with _server(database) as (process, log):
        for code, cron_id in actions.items():
            yield from _run(options, process, log, code, cron_id)


def _forget(env):
    env.cr.execute("TRUNCATE crm_customer_profile, crm_segment_membership, crm_tier_stay")
    env.cr.execute("DELETE FROM crm_job_memory WHERE res_model = 'res.company' AND job = 'refresh'")


def _forget_history(env):
    """What was logged or sent by other systems stays."""
    env.cr.execute(
        """DELETE FROM crm_interaction i USING crm_interaction_source s
            WHERE s.id = i.source_id AND s.kind = 'records'"""
    )
    env.cr.execute("TRUNCATE crm_interaction_queue")
    env.cr.execute("DELETE FROM crm_job_memory WHERE res_model = 'crm.interaction.source'")


def _forget_past(env):
    env.cr.execute("DELETE FROM crm_kpi_day")
    env.cr.execute("DELETE FROM crm_job_memory WHERE res_model = 'res.company' AND job = 'kpi'")


def _follow_all(env):
    """A rule that reaches every customer at once, and a mailing list of all of them."""
    company = env["res.company"].browse(1)
    env["crm.followup.policy"]._of(company).write(
        {"cap_week": 0, "cap_month": 0, "quiet_from": 0, "quiet_to": 0, "working_days": False, "capacity": 0}
    )
    audience = env["crm.audience"].create({"name": "Everybody", "company_id": company.id})
    tag = env["res.partner.category"].create({"name": "Followed"})
    env["crm.followup.rule"].create(
        {"name": "Everybody", "company_id": company.id, "audience_id": audience.id, "include_present": True,
         "holdout_percent": 10, "state": "active", "user_id": env.ref("base.user_admin").id,
         "step_ids": [(0, 0, {"kind": "tag", "tag_id": tag.id})]}
    )  # fmt: skip
    if "mailing.list" in env:
        env["mailing.list"].create({"name": "Everybody", "crm_audience_id": audience.id})


def _bring_tags(env):
    """Whoever is in a segment or tier gets its tag now."""
    for place in (*env["crm.segment"].search([]), *env["crm.tier"].search([])):
        place.tag_id = env["res.partner.category"].create({"name": place.name})


def _actions(env, only):
    known = env["ir.model.data"].search([("module", "=like", "crm\\_plus%"), ("model", "=", "ir.cron")])
    crons = env["ir.cron"].browse(known.mapped("res_id")).exists()
    names = {data.res_id: data.name for data in known}
    found = {names[cron.id]: cron.id for cron in crons.sorted("priority") if cron.active}
    if missing := set(only or ()) - set(found):
        raise SystemExit(f"No such action is active in this database: {', '.join(sorted(missing))}.")
    return {name: found[name] for name in only or found}


@contextmanager
def _server(database) -> Iterator:
    """A server with two workers and one for scheduled actions, and the file it writes its log to."""
    port, log = free_port(None, 8569), home("logs", f"{database}_workers.log")
    log.unlink(missing_ok=True)
    command = [
        str(Path(sys.executable).with_name("odoo")), "-d", database, "--db-filter", f"^{database}$", "--workers", "2",
        "--max-cron-threads", "1", "--http-port", str(port), "--gevent-port", str(port + 1), "--logfile", str(log),
        "--log-level", "info",
    ]  # fmt: skip
    process = subprocess.Popen(command)
    try:
        yield psutil.Process(process.pid), log
    finally:
        process.terminate()
        process.wait()


def _run(options, process, log, code, cron_id) -> Iterator[Figure]:
    place = log.stat().st_size if log.exists() else 0
    _make_due(options, cron_id)
    start, most, due = time.monotonic(), 0, True
    while due and time.monotonic() - start < options.patience:
        time.sleep(1)
        most = max(most, _address_space(process))
        with options.env_factory() as env:
            env.cr.execute(DUE, [cron_id])
            due = env.cr.fetchone()[0]
    said = log.read_bytes()[place:].decode(errors="replace")
    yield Figure(f"{code}: to its end in", time.monotonic() - start)
    took = [float(seconds) for seconds in re.findall(TOOK.format(cron=cron_id), said)]
    yield Figure("  runs", len(re.findall(STARTED.format(cron=cron_id), said)), "")
    yield Figure("  all of them together", sum(took))
    yield at_most("  the longest of them", max(took, default=0), 120)
    yield at_most("  killed", len(KILLED.findall(said)), 0, "")
    yield at_most("  memory as the host counts it", most / 2**20, 2048, "MB")
    if due:
        yield at_most("  not at its end", 1, 0, "")


def _make_due(options, cron_id):
    """Have the server run an action; again when it is at this one, which another has woken."""
    try:
        with options.env_factory() as env:
            env.cr.execute("UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE id = %s", [cron_id])
            env.cr.postcommit.add(env["ir.cron"]._notifydb)
    except psycopg2.errors.SerializationFailure:
        time.sleep(1)
        _make_due(options, cron_id)


def _address_space(process):
    """The largest of the server's processes, by what the host's limits are about."""
    sizes = []
    for child in process.children(recursive=True):
        try:
            sizes.append(child.memory_info().vms)
        except psutil.Error:  # it has ended meanwhile
            continue
    return max(sizes, default=0)
