"""The process that puts the servers of `./dev faults` under load, kills, and compares: started by that command."""

import argparse
import sys
import threading
import time
from contextlib import contextmanager

import odoo.init  # noqa: F401 - it gives `odoo` the names that the modules below import from it

from devtools.faults import disturb, load, verdict

# Records that could not be captured at once are captured within so many seconds.
CAPTURED_WITHIN = 60
SETTLED_WITHIN = 600
LOOK_EVERY = 5


def main() -> int:
    """Run it and print what was found; 1 when there is anything."""
    parser = argparse.ArgumentParser()
    for name in ("--kills", "--seconds", "--users", "--seed"):
        parser.add_argument(name, type=int)
    parser.add_argument("--urls", nargs="+")
    parser.add_argument("--masters", nargs="+", type=int)
    options = parser.parse_args()
    database, transaction = _odoo()
    with transaction() as env:
        known = {
            "customers": env["res.partner"].search([("name", "=like", "Fault %")]).ids,
            "product": env["product.product"].search([("name", "=", "Fault advice")], limit=1).id,
            "phone": env.ref("crm_plus.channel_phone").id,
        }
        since = verdict.highest_ids(env)
        before = verdict.unnoted(env, {})
    users, killer, watcher, lost = _work(options, database, transaction, known, since)
    print("all at rest, waiting for the scheduled actions", flush=True)
    captured = _settle(database, transaction, options.seed)
    with transaction() as env:
        lost |= verdict.unnoted(env, {}) - before
    return _tell(transaction, users, killer, watcher, lost, captured)


def _odoo():
    """(name of the database, context manager of a transaction that is rolled back)."""
    from odoo import SUPERUSER_ID, api, tools
    from odoo.modules.registry import Registry

    tools.config.parse_config(["--log-level=error"], setup_logging=True)
    database = tools.config["db_name"][0]

    @contextmanager
    def transaction():
        with Registry(database).cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})
            cr.rollback()

    return database, transaction


def _work(options, database, transaction, known, since):
    """Users at work, everything forced, and kills, for as long as asked for; and what was lost meanwhile."""
    stop, lost = threading.Event(), set()
    users = [load.User(number, options.urls, database, known, stop, options.seed) for number in range(options.users)]
    watcher = disturb.Watcher(database, stop)
    others = [disturb.Forcer(database, stop, options.seed), watcher]
    killer = disturb.Killer(database, stop, options.seed, options.masters, options.seconds / max(options.kills, 1))
    if options.kills:
        others.append(killer)
    for thread in (*users, *others):
        thread.start()
    end = time.monotonic() + options.seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(LOOK_EVERY, left))
        with transaction() as env:
            lost |= verdict.unnoted(env, since)
        done = sum(sum(user.done.values()) for user in users)
        print(f"{max(left, 0):4.0f} s left, {done} requests, {sum(killer.killed.values())} kills", flush=True)
    stop.set()
    for thread in (*users, *others):
        thread.join(120)
    return users, killer, watcher, lost


def _settle(database, transaction, seed):
    """Let the scheduled actions, all but the check, finish; the seconds until everything was captured."""
    forcer, begun, captured = disturb.Forcer(database, threading.Event(), seed), time.monotonic(), None
    with transaction() as env:
        check = env.ref("crm_plus.ir_cron_reconcile").id
    while time.monotonic() - begun < SETTLED_WITHIN:
        with transaction() as env:
            left = verdict.unsettled(env)
        if captured is None and "records to capture" not in left:
            captured = time.monotonic() - begun
        if not left:
            return captured
        if "customers to follow up" in left:
            forcer.look_again()
        forcer.wake([cron for cron in forcer.crons if cron != check])
        time.sleep(2)
    print(f"not done after {SETTLED_WITHIN} s: {left}")
    return captured


def _tell(transaction, users, killer, watcher, lost, captured):
    """Print everything; 1 when something is wrong."""
    findings = {"interactions lost": len(lost)}
    with transaction() as env:
        _list("compared", verdict.compared(env).items())
        findings["interactions doubled"] = verdict.doubled_interactions(env)
        findings["stays that overlap"] = verdict.overlapping_stays(env)
        for name, wrong in zip(("effects lost", "effects doubled"), verdict.effects(env), strict=True):
            findings[name] = wrong.total()
            _list(name, wrong.items())
        findings["customers followed up twice"] = verdict.followed_up_twice(env)
        findings["follow-ups half done"] = verdict.half_done(env)
        findings["things left undone"] = sum(verdict.unsettled(env).values())
        findings["profiles out of date"] = verdict.stale_profiles(env)
        findings["scores out of date"] = verdict.stale_scores(env)
    waits, errors = watcher.long_waits(), load.unexpected(users)
    findings[f"waits above {1000 * disturb.LONGEST_WAIT:.0f} ms because of us"] = len(waits)
    findings["requests that failed without a kill"] = sum(errors.values())
    findings[f"captured later than after {CAPTURED_WITHIN} s"] = int(captured is None or captured > CAPTURED_WITHIN)
    _list("requests of users", sorted((kind, sum(u.done[kind] for u in users)) for kind in load.WORK))
    _list("kills", killer.killed.most_common())
    _list("lost", sorted(lost)[:20])
    _list("failed", errors.most_common(10))
    _list("long waits", [(what, f"{1000 * seconds:.0f} ms") for seconds, what in waits[:10]])
    longest = max((seconds for seconds, _what in watcher.waits), default=0)
    print(f"\nlongest wait because of us: {1000 * longest:.0f} ms of {len(watcher.waits)} seen")
    print(f"everything captured {captured or 0:.0f} s after the last request\n")
    for name, count in findings.items():
        print(f"{count:6d}  {name}")
    return int(any(findings.values()))


def _list(title, rows):
    if rows:
        print(f"\n{title}:")
        for *what, count in rows:
            print(f"  {count}: {' '.join(map(str, what))}")


if __name__ == "__main__":
    sys.exit(main())
