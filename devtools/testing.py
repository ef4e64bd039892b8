"""`./dev test`: the engine without Odoo, the add-ons on the demo company, a minimal host left as it was, and what comes
over the years: upgrades, uninstalling, apps that come later."""

import argparse
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from devtools import addons, chromium, databases, lifecycle, logscan, matrix, minimal, operation, pytest_run
from devtools import host as hosts
from devtools.common import ROOT, free_slot, home, say, short_hash
from devtools.host import Host

PHASES = ("engine", "odoo", "minimal", "lifecycle")
ON_REQUEST = ("operation",)
MOST_SHARES = 2


@dataclass(frozen=True)
class Outcome:
    """How many tests of one phase passed, failed and were skipped, and what else is wrong."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    problems: tuple[str, ...] = ()

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.problems + other.problems,
        )

    @property
    def good(self) -> bool:
        """Whether something was tested and nothing is wrong."""
        return bool(self.passed) and not self.failed and not self.problems


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `./dev test`; all others go to pytest."""
    parser.usage = "./dev test [-k WORD] [--fast] [--reuse] [--keep] [--only PHASE] [PYTEST ARGUMENT ...]"
    parser.add_argument("-k", dest="word", help="only tests whose name matches (phases 3 and 4 are left out then)")
    parser.add_argument("--fast", action="store_true", help="no browser and HTTP tests, not phases 3 and 4")
    parser.add_argument(
        "--reuse", action="store_true", help="keep the database for the next --reuse run, upgrade it when needed"
    )
    parser.add_argument("--keep", action="store_true", help="do not drop the databases at the end")
    parser.add_argument("--only", choices=PHASES + ON_REQUEST, help="run this phase only")
    parser.add_argument(
        "--matrix", action="store_true", help="only the Pythons and PostgreSQLs that are to be had here"
    )
    parser.add_argument("--all-pairs", action="store_true", help="with --matrix: each Python on each PostgreSQL")
    parser.add_argument("--python", action="append", help="with --matrix: this Python only (3.12); may be repeated")
    parser.add_argument("--postgresql", action="append", help="with --matrix: this PostgreSQL only; may be repeated")
    parser.set_defaults(call=test)


def test(options) -> int:
    """Run the phases; print one line that sums them up."""
    if options.matrix:
        return _matrix(options)
    narrowed = options.word or options.fast or options.rest or options.reuse
    phases = [options.only] if options.only else list(PHASES[:2] if narrowed else PHASES)
    if "odoo" in phases and not options.fast:
        chromium.ensure()
    host = hosts.ensure(options.db_host)
    calls: dict[str, Callable[[Host, object], Outcome]] = dict(
        zip(PHASES + ON_REQUEST, (_engine, _odoo, _minimal, _lifecycle, _operation), strict=True)
    )
    total, times = Outcome(), []
    for phase in phases:
        start = time.monotonic()
        say(f"testing: {phase}")
        total += calls[phase](host, options)
        times.append(f"{phase} {time.monotonic() - start:.0f} s")
    for problem in total.problems:
        print(f"FAILED: {problem}")
    print(f"\n{', '.join(times)}")
    if not total.passed and not total.failed:
        print("No test was run.")
    print(f"{total.passed} passed, {total.failed + len(total.problems)} failed, {total.skipped} skipped", flush=True)
    return 0 if total.good else 1


def _matrix(options) -> int:
    host = hosts.ensure(options.db_host)
    found = []
    for result in matrix.results(host, ["tests/engine", *_engines()], options):
        found.append(result)
        print(result, flush=True)
    print("\n" + "\n".join(map(str, found)))
    return 1 if any(result.problems and not result.missing for result in found) else 0


def _split(options, usual: list[str]) -> tuple[list[str], list[str]]:
    """The places to test and pytest's other arguments; places that are named replace the usual ones of their phase."""
    words = [word.removeprefix("./") for word in options.rest]
    named = [word for word in words if not word.startswith("-") and (ROOT / word.split("::")[0]).exists()]
    others = [*(["-k", options.word] if options.word else []), *(word for word in words if word not in named)]
    if named:
        return [word for word in named if word.startswith(tuple(usual))], others
    return [place for place in usual if (ROOT / place).exists()], others


def _engines() -> list[str]:
    return [f"{path.name}/engine" for path in addons.folders() if (path / "engine").is_dir()]


def _engine(host: Host, options) -> Outcome:
    """Plain pytest: no Odoo is imported."""
    places, others = _split(options, ["tests/engine", "tests/dev", *_engines(), "benchmarks/harness.py"])
    if not places:
        return Outcome()
    arguments = ["-p", "no:odoo", "--doctest-modules", *places, *others]
    return Outcome(**pytest_run.run(host, "engine", arguments, host.env))


def _odoo(host: Host, options) -> Outcome:
    """pytest-odoo on a database with the add-ons; a whole run is shared among two processes with a database each."""
    places, others = _split(options, [f"{path.name}/tests" for path in addons.folders()] + ["tests/odoo"])
    if not places:
        return Outcome()
    with free_slot("test") as slot:
        name = f"cpt_reuse_{short_hash(str(ROOT), length=6)}" if options.reuse else f"cpt_{_owner()}_{slot}"
        setup = f"{name}_setup"
        databases.ensure_with_addons(host, "host", name, setup, fresh=not options.reuse)
        whole = not (options.reuse or options.rest or options.word)
        shares = _shares(places, min(MOST_SHARES, os.cpu_count() or 1)) if whole else [places]
        names = [name, *(f"{name}_{number}" for number in range(2, len(shares) + 1))]
        for copy in names[1:]:
            databases.duplicate(host, name, copy)
        with ThreadPoolExecutor() as pool:
            calls = [
                pool.submit(_odoo_share, host, options, name, share, others, watched=name == names[0])
                for name, share in zip(names, shares, strict=True)
            ]
        outcome = sum((call.result() for call in calls), Outcome())
        outcome += Outcome(problems=tuple(logscan.complaints(home("logs", f"{setup}.log"))))
        if not (options.keep or options.reuse):
            for made in names:
                databases.drop(host, made)
    return outcome


def _odoo_share(host: Host, options, name: str, places: list[str], others: list[str], watched: bool) -> Outcome:
    """One process of pytest-odoo on its own database; its server log counts. ``watched``: it prints as it goes."""
    log = home("logs", f"{name}.log")
    log.unlink(missing_ok=True)
    conf = host.config(name, db_name=name, dbfilter=f"^{name}$", logfile=log, screenshots=home("screenshots"))
    arguments = ["--odoo-log-level=info", "--odoo-http", "-W", "default::DeprecationWarning", *places, *others]
    env = {**host.env, "ODOO_RC": str(conf), "CRM_PLUS_FAST": "1" if options.fast else ""}
    output = None if watched else home("logs", f"{name}_pytest.log")
    outcome = Outcome(**pytest_run.run(host, "odoo", arguments, env, output))
    return outcome + Outcome(problems=tuple(logscan.complaints(log)))


def _shares(places: list[str], count: int) -> list[list[str]]:
    """The test files of ``places`` in ``count`` lists of about the same length of code."""
    files = [path for place in places for path in sorted((ROOT / place).rglob("test_*.py"))]
    shares: list[list[Path]] = [[] for _ in range(count)]
    for path in sorted(files, key=lambda file: -file.stat().st_size):
        min(shares, key=lambda share: sum(file.stat().st_size for file in share)).append(path)
    return [[str(path.relative_to(ROOT)) for path in files if path in share] for share in shares]


def _minimal(host: Host, options) -> Outcome:
    """The add-on comes to a minimal host and goes again."""
    with free_slot("minimal") as slot:
        name = f"cpm_{_owner()}_{slot}"
        try:
            problems = minimal.differences(host, name)
        finally:
            if not options.keep:
                databases.drop(host, name)
    print("minimal host: installed and uninstalled" + ("" if problems else ", left as it was"))
    return Outcome(passed=0 if problems else 1, problems=tuple(problems))


def _lifecycle(host: Host, options) -> Outcome:
    """An upgrade with a year of data, uninstalling, installing again, apps that come later."""
    if not lifecycle.OldVersion.is_here():
        print(
            f"NOT TESTED: upgrades. This clone does not have commit {lifecycle.OLD}: `git fetch --unshallow` gets it."
        )
        return Outcome(skipped=1)
    with free_slot("lifecycle") as slot:
        name = f"cpl_{_owner()}_{slot}"
        try:
            return _steps("lifecycle", lifecycle.problems(host, name))
        finally:
            if not options.keep:
                databases.drop(host, name)


def _operation(host: Host, options) -> Outcome:
    """Backup, copies, workers, and a database user without special rights."""
    with free_slot("operation") as slot:
        return _steps("operation", operation.problems(host, f"cpq_{_owner()}_{slot}"))


def _steps(phase: str, found: Iterable[tuple[str, list[str]]]) -> Outcome:
    """What became of the steps of a phase, printed as they end."""
    total = Outcome()
    for what, problems in found:
        print(f"{phase}: {what}: {len(problems) or 'no'} problem{'s' * (len(problems) != 1)}", flush=True)
        print("".join(f"    {line}\n" for line in problems), end="", flush=True)
        total += Outcome(passed=0 if problems else 1, problems=tuple(f"{what}: {line}" for line in problems))
    return total


def _owner() -> str:
    """A part of database names that sets this dev home apart on a shared server."""
    return short_hash(str(home()), length=4)
