"""`./dev host-tests`: the host's own tests, without the add-on and with it. Whatever fails only with it is ours."""

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
    "sale_management", "mail", "digest", "partnership", "event_crm", "mass_mailing_crm",
)  # fmt: skip
# Tests of other modules whose subject is everything there is: every menu is clicked, every view is loaded.
FILES = ("base/tests/test_views.py", "web/tests/test_click_everywhere.py")
HOOT = "tests/host/test_hoot.py"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `./dev host-tests`."""
    parser.usage = "./dev host-tests [MODULE | MODULE/tests/FILE.py | hoot ...] [--fast] [--again]"
    parser.add_argument("modules", nargs="*", help=f"modules of the host (default: {' '.join(MODULES)} and more)")
    parser.add_argument("--fast", action="store_true", help="no browser and HTTP tests")
    parser.add_argument("--again", action="store_true", help="run the host without the add-on again, too")
    parser.set_defaults(call=host_tests)


def host_tests(options) -> int:
    """Run each module's tests on both hosts; 1 when something fails with the add-on only."""
    if not options.fast:
        chromium.ensure()
    host = hosts.ensure(options.db_host)
    worse = []
    print(f"{'tests of':28} {'without':>22} {'with the add-on':>22}  fail only with it")
    for what in options.modules or (*MODULES, *FILES, "hoot"):
        clean, ours = _clean(host, what, options), _run(host, what, options, with_addon=True)
        new = sorted(set(ours["failures"]) - set(clean["failures"]))
        print(f"{what:28} {_told(clean):>22} {_told(ours):>22}  {len(new) or 'none'}", flush=True)
        for test in new:
            print(f"    {test}", flush=True)
        worse += new
        if ours["passed"] < clean["passed"] - len(new):
            worse.append(what)
            print(f"    {clean['passed'] - ours['passed']} tests of {what} were not run", flush=True)
    return 1 if worse else 0


def _told(found: dict) -> str:
    failed = len(found["failures"])
    return f"{found['passed']} passed" + (f", {failed} failed" if failed else "") + f", {found['seconds']:.0f} s"


def _clean(host: Host, what: str, options) -> dict:
    """What the host does without the add-on: run once for each host and set of modules."""
    template = databases.template(host, "host")
    note = folder("host_tests") / f"{template}_{short_hash(what, str(options.fast))}.json"
    if options.again or not note.is_file():
        note.write_text(json.dumps(_run(host, what, options, with_addon=False)))
    return json.loads(note.read_text())


def _places(host: Host, what: str) -> Path:
    place = ROOT / HOOT
    if what != "hoot":
        path = what if what.endswith(".py") else f"{what}/tests"
        place = next((base / path for base in host.odoo.addons if (base / path).exists()), None)
    if place is None:
        raise DevError(f"The host has no tests {what}: name a module, or a file such as base/tests/test_views.py.")
    return place


def _run(host: Host, what: str, options, *, with_addon: bool) -> dict:
    """``{passed, failures, seconds}`` of one run in a database of its own."""
    place, kind = _places(host, what), "with" if with_addon else "without"
    say(f"tests of {what} {kind} the add-on")
    with free_slot("host_tests") as slot, tempfile.TemporaryDirectory() as temporary:
        name = f"cph_{short_hash(str(home()), length=4)}_{slot}"
        log, report = home("logs", f"{name}.log"), Path(temporary) / "report.json"
        if with_addon:
            databases.copy_with_addons(host, "host", name, f"{name}_setup")
        else:
            databases.duplicate(host, databases.template(host, "host"), name)
        log.unlink(missing_ok=True)
        paths = [*host.odoo.addons, *([ROOT] if with_addon else [])]
        conf = host.config(
            name, db_name=name, dbfilter=f"^{name}$", logfile=log, screenshots=home("screenshots"),
            addons_path=",".join(map(str, paths)),
        )  # fmt: skip
        command = [
            host.python, "-m", "pytest", "-p", "devtools.pytest_guard", "-o", f"cache_dir={folder('pytest')}",
            "-o", "addopts=", "-q", "--odoo-log-level=error", "--odoo-http", "--rootdir", place.parent, place,
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
        found = json.loads(report.read_text())
    return {"passed": found["passed"], "failures": found["failures"], "seconds": time.monotonic() - start}
