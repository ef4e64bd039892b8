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

from benchmarks.harness import Figure, at_most
from devtools.common import home
from devtools.serve import free_port

NEEDS = "odoo"
# What the host says of an action that it stops.
KILLED = re.compile(r"timeout after|CPU time limit|memory limit \(|MemoryError|SIGXCPU")
STARTED = re.compile(r"Job .* starting")
DUE = """SELECT nextcall <= now() AT TIME ZONE 'UTC' OR EXISTS (
                SELECT FROM ir_cron_trigger t WHERE t.cron_id = c.id AND t.call_at <= now() AT TIME ZONE 'UTC')
           FROM ir_cron c WHERE c.id = %s"""


def add_arguments(parser) -> None:
    """What to run."""
    parser.add_argument("--only", nargs="+", metavar="ACTION", help="such as ir_cron_refresh_profiles; otherwise all")
    parser.add_argument("--first", action="store_true", help="forget profiles and stays, as before the first refresh")
    parser.add_argument("--patience", type=int, default=3600, metavar="SECONDS", help="what each may take altogether")


def run(options) -> Iterable[Figure]:
    """Each action alone, one after the other, by their priorities."""
    from benchmarks import profiles_data

    with options.env_factory() as env:
        yield Figure("customers and contacts", profiles_data.ensure(env, options.scale), "")
        if options.first:
            _forget(env)
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


def _actions(env, only):
    known = env["ir.model.data"].search([("module", "=like", "crm\\_plus%"), ("model", "=", "ir.cron")])
    crons = env["ir.cron"].browse(known.mapped("res_id")).exists()
    names = {data.res_id: data.name for data in known}
    return {
        names[cron.id]: cron.id
        for cron in crons.sorted("priority")
        if cron.active and (not only or names[cron.id] in only)
    }


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
    with options.env_factory() as env:
        env.cr.execute("UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE id = %s", [cron_id])
        env["ir.cron"]._notifydb()
    start, most, due = time.monotonic(), 0, True
    while due and time.monotonic() - start < options.patience:
        time.sleep(1)
        most = max(most, _address_space(process))
        with options.env_factory() as env:
            env.cr.execute(DUE, [cron_id])
            due = env.cr.fetchone()[0]
    said = log.read_bytes()[place:].decode(errors="replace")
    yield Figure(f"{code}: to its end in", time.monotonic() - start)
    yield Figure("  runs", len(STARTED.findall(said)), "")
    yield at_most("  killed", len(KILLED.findall(said)), 0, "")
    yield at_most("  memory as the host counts it", most / 2**20, 2048, "MB")
    if due:
        yield at_most("  not at its end", 1, 0, "")


def _address_space(process):
    """The largest of the server's processes, by what the host's limits are about."""
    sizes = []
    for child in process.children(recursive=True):
        try:
            sizes.append(child.memory_info().vms)
        except psutil.Error:  # it has ended meanwhile
            continue
    return max(sizes, default=0)
