"""`./dev host-tests`: the host's own tests with the add-on; those that fail are tried on a clean host as well."""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

from devtools import chromium, databases
from devtools import host as hosts
from devtools.common import ROOT, DevError, folder, free_slot, home, say, short_hash
from devtools.host import Host

# What the add-on touches: its dependencies, what it extends, and those built on them.
MODULES = (
    "crm", "sales_team", "sale_crm", "loyalty", "sale_loyalty", "calendar", "contacts", "portal", "sale",
    "sale_management", "mail", "digest", "partnership", "event_crm",
)  # fmt: skip
# Tests of other modules whose subject is everything there is: every menu is clicked, every view is loaded.
FILES = ("base/tests/test_views.py", "web/tests/test_click_everywhere.py")
# Tests that let the host's own tools look at what is ours: its JavaScript tests, its robot in the menus of CRM.
OWN = {"hoot": "tests/host/test_hoot.py", "clicks": "tests/host/test_clicks.py"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `./dev host-tests`."""
    parser.usage = "./dev host-tests [MODULE | MODULE/tests/FILE.py | hoot | clicks ...] [--fast]"
    parser.add_argument("modules", nargs="*", help=f"modules of the host (default: {' '.join(MODULES)} and more)")
    parser.add_argument("--fast", action="store_true", help="no browser and HTTP tests")
    parser.set_defaults(call=host_tests)


def host_tests(options) -> int:
    """Run each module's tests with the add-on, and those that fail on a clean host; 1 when the latter pass there."""
    if not options.fast:
        chromium.ensure()
    host = hosts.ensure(options.db_host)
    worse = []
    print(f"{'tests of':34} {'passed':>6} {'failed':>6} {'skipped':>7} {'s':>5}  fail only with the add-on")
    with free_slot("host_tests") as slot:
        name = f"cph_{short_hash(str(home()), length=4)}_{slot}"
        databases.copy_with_addons(host, "host", name, f"{name}_setup")
        for what in options.modules or (*MODULES, *FILES, *OWN):
            ours = _run(host, what, options, name)
            new = ours["failures"]
            if new:
                clean = _run(host, what, options, databases.template(host, "host"), only=new)
                new = [test for test in new if test not in clean["failures"]]
            counts = f"{ours['passed']:>6} {len(ours['failures']):>6} {ours['skipped']:>7} {ours['seconds']:>5.0f}"
            print(f"{what:34} {counts}  {len(new) or 'none'}", flush=True)
            for test in ours["failures"]:
                print(f"    {test}" + ("" if test in new else " (fails without it as well)"), flush=True)
            worse += new
            if not ours["passed"]:
                worse.append(what)
                print(f"    no test of {what} passed", flush=True)
        databases.drop(host, name)
    return 1 if worse else 0


def _places(host: Host, what: str) -> Path:
    place = ROOT / OWN.get(what, "")
    if what not in OWN:
        path = what if what.endswith(".py") else f"{what}/tests"
        place = next((base / path for base in host.odoo.addons if (base / path).exists()), None)
    if place is None:
        raise DevError(f"The host has no tests {what}: name a module, or a file such as base/tests/test_views.py.")
    return place


def _run(host: Host, what: str, options, source: str, only: list[str] | None = None) -> dict:
    """``{passed, failures, skipped, seconds}`` of all tests, or ``only`` some, in a copy of the database ``source``."""
    place, kind = _places(host, what), "without" if only else "with"
    say(f"tests of {what} {kind} the add-on")
    with tempfile.TemporaryDirectory() as temporary:
        name = f"{source}_{short_hash(what, kind, length=4)}"
        log, report = home("logs", f"{name}.log"), Path(temporary) / "report.json"
        databases.duplicate(host, source, name)
        log.unlink(missing_ok=True)
        paths = [*host.odoo.addons, *([] if only else [ROOT])]
        conf = host.config(
            name, db_name=name, dbfilter=f"^{name}$", logfile=log, screenshots=home("screenshots"),
            addons_path=",".join(map(str, paths)),
        )  # fmt: skip
        places = [place.parent / test for test in only] if only else [place]
        command = [
            host.python, "-m", "pytest", "-p", "devtools.pytest_guard", "-o", f"cache_dir={folder('pytest')}",
            "-o", "addopts=", "-q", "--odoo-log-level=error", "--odoo-http", "--rootdir", place.parent, *places,
        ]  # fmt: skip
        env = {**host.env, "ODOO_RC": str(conf), "CRM_PLUS_FAST": "1" if options.fast else ""}
        start = time.monotonic()
        with (home("logs") / f"host_tests_{short_hash(what)}_{kind}.log").open("w") as out:
            subprocess.run(
                list(map(str, command)), cwd=ROOT, env={**env, "CRM_PLUS_REPORT": str(report)}, stdout=out, stderr=out
            )
        databases.drop(host, name)
        if not report.is_file():
            raise DevError(f"The tests of {what} ended early (the log is {out.name}).")
        return {**json.loads(report.read_text()), "seconds": time.monotonic() - start}
