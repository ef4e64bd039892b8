"""The add-on over the years: upgraded from the version before with a year of data, taken out, put in again, and joined
by apps that come later. Nothing may be lost, and the host stays as it was."""

import io
import json
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

from devtools import addons, databases, logscan, minimal
from devtools.common import ROOT, DevError, folder, home, locked, say, short_hash, stamp, stamped
from devtools.host import Host
from devtools.serve import shell

# 19.0.1.0.0, the version that databases in use have.
OLD = "7b232d1"
SCRIPTS = ROOT / "devtools" / "scripts"
# What an upgraded database has exactly as one into which the add-on was just installed.
STRUCTURE = (
    "table", "column", "index", "constraint", "function", "trigger", "extension", "model", "field", "selection",
    "external id", "view", "action", "group", "implied group", "access right", "record rule", "parameter",
    "attachment field", "digest",
)  # fmt: skip
# What the year of data has deleted on purpose.
DELETED = (
    "score_rule_country", "source_event_registration", "crm_tier_bronze", "channel_visit", "ir_cron_check_drift",
)  # fmt: skip
# What it has made of its own.
ADDED = {"ir.actions.server Note who entered", "ir.actions.server Note who left"}
# Apps that come later, with one of the bridges and with sources that wait.
LATER = ("loyalty", "event")
# How long people go on working after an installation, in seconds.
WORK_ON = 3
# What they make, and the source that captures it.
MADE = {"lead": "lead_created", "order": "order"}


class OldVersion:
    """The code and a database of the version before."""

    def __init__(self, host: Host):
        self.host = host
        self.folder = home("old", OLD)
        scripts = [(SCRIPTS / name).read_text() for name in ("year.py", "jobs.py")]
        self.database = f"tpl_old_{short_hash(OLD, databases.template(host, 'minimal'), *scripts)}"

    @staticmethod
    def is_here() -> bool:
        """Whether this clone knows the old version: a shallow one does not."""
        command = ["git", "cat-file", "-e", f"{OLD}^{{commit}}"]
        return subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0

    def code(self) -> Path:
        """The folder of its add-ons, taken from the history."""
        if not stamped(self.folder / "stamp", OLD):
            command = ["git", "archive", OLD, "devtools", *(path.name for path in addons.folders() if self._had(path))]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
            with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
                archive.extractall(self.folder, filter="data")
            stamp(self.folder / "stamp", OLD)
        return self.folder

    @staticmethod
    def _had(folder: Path) -> bool:
        command = ["git", "cat-file", "-e", f"{OLD}:{folder.name}"]
        return subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0

    def config(self, name: str) -> Path:
        """A configuration file with the old add-ons instead of today's."""
        places = ",".join(map(str, [*self.host.odoo.addons, self.code()]))
        return self.host.config(f"{name}_old", db_name=name, with_demo=False, addons_path=places)

    def ensure_database(self) -> str:
        """A minimal host with the old version and a year of data; made once, later runs copy it."""
        name, building = self.database, f"{self.database}_new"
        with locked(name):
            if databases.note(self.host, name) is None:
                say(f"building a database of version {OLD} with a year of data (a few minutes)")
                databases.duplicate(self.host, databases.template(self.host, "minimal"), building)
                conf = self.config(building)
                failure = "Odoo cannot install the old version."
                arguments = ["-c", conf, "-d", building, "-i", addons.MAIN, "--stop-after-init", "--no-http"]
                self.host.run_odoo(f"{name}_install", failure, *arguments)
                self._fill(building, conf)
                databases.write_note(self.host, building, {"kind": "old"})
                databases.rename(self.host, building, name)
        return name

    def _fill(self, name: str, conf: Path) -> None:
        # The old version's own samples: its folder comes first.
        code = (
            f"import runpy, sys; sys.path.insert(0, {str(self.code())!r})\n"
            f"jobs = runpy.run_path({str(SCRIPTS / 'jobs.py')!r})['run']\n"
            f"runpy.run_path({str(SCRIPTS / 'year.py')!r})['fill'](env, jobs)\n"
        )
        shell(self.host, conf, name, code, "Cannot fill the old version's database.", log=f"{self.database}_fill")


class People:
    """A second process in which people go on working in a database: `devtools/scripts/busy.py`."""

    def __init__(self, host: Host, name: str):
        self.host, self.name = host, name
        self.stop, self.report = home("run", f"{name}_stop"), home("run", f"{name}_report.json")

    def __enter__(self) -> "People":
        for path in (self.stop, self.report):
            path.unlink(missing_ok=True)
        folder("run")
        conf = self.host.config(f"{self.name}_people", db_name=self.name, with_demo=False)
        code = (
            f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
            "from pathlib import Path; from devtools.scripts import busy\n"
            f"busy.work({self.name!r}, Path({str(self.stop)!r}), Path({str(self.report)!r}))\n"
        )
        command = self.host.odoo_command("shell", "-c", conf, "-d", self.name, "--no-http")
        self.log = home("logs", f"{self.name}_people.log")
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                list(map(str, command)), env=self.host.env, cwd=ROOT, text=True,
                stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.process.stdin.write(code)
        self.process.stdin.close()
        made = "SELECT count(*) FROM sale_order o, res_partner p WHERE p.name = 'Made meanwhile'"
        while self.process.poll() is None and not self.host.query(made, db=self.name)[0][0]:
            time.sleep(0.2)
        return self

    def __exit__(self, *_error) -> None:
        self.stop.touch()
        self.process.wait()

    def found(self) -> dict:
        """What they made, how long they waited at most, and the errors they saw."""
        if not self.report.exists():
            raise DevError(f"The people at work have stopped (the log is {self.log}).")
        return json.loads(self.report.read_text())


class Life:
    """One database through all of it; each step yields what is wrong."""

    def __init__(self, host: Host, name: str):
        self.host, self.name = host, name
        self.old = OldVersion(host)
        self.conf = host.config(name, db_name=name, with_demo=False)
        self.logs: list[str] = []

    def steps(self) -> dict:
        """What is done, in this order."""
        return {
            "install while people work": self.install,
            "upgrade with a year of data": self.upgrade,
            "an upgraded database is like a new one": self.structure,
            "scheduled actions after the upgrade": self.work,
            "upgrade once more": self.again,
            "uninstall with a year of data": self.uninstall,
            "install again": self.reinstall,
            "apps that come later": self.later,
        }

    def install(self) -> Iterator[str]:
        databases.duplicate(self.host, databases.template(self.host, "minimal"), self.name)
        with People(self.host, self.name) as people:
            self._update("busy", "-i", addons.MAIN)
            time.sleep(WORK_ON)
        found = people.found()
        yield from (f"somebody at work sees an error: {error}" for error in found["errors"])
        self._jobs("busy_jobs")
        for model, code in MADE.items():
            ids = found["made"][model]
            sql = (
                "SELECT count(DISTINCT res_id) FROM crm_interaction i JOIN crm_interaction_source s ON s.id = source_id"
            )
            captured = self.host.query(f"{sql} WHERE s.code = %s AND res_id = ANY(%s)", code, ids, db=self.name)
            if captured[0][0] != len(ids):
                yield f"{len(ids) - captured[0][0]} of {len(ids)} {model}s made meanwhile are not in the timeline"

    def upgrade(self) -> Iterator[str]:
        databases.duplicate(self.host, self.old.ensure_database(), self.name, self.old.config(self.name))
        self.before = self._remember(self.old.config(self.name), "before")
        self._upgrade("upgrade")
        yield from lost(self.before, self._remember(self.conf, "after"))

    def structure(self) -> Iterator[str]:
        fresh = f"{self.name}_fresh"
        try:
            databases.duplicate(self.host, databases.template(self.host, "minimal"), fresh)
            databases.install(self.host, "minimal", fresh, f"{fresh}_install")
            wanted, found = (minimal.snapshot(self.host, name) for name in (fresh, self.name))
        finally:
            databases.drop(self.host, fresh)
        deleted = {f"{addons.MAIN}.{name}" for name in DELETED}
        for kind in STRUCTURE:
            missing = set(wanted[kind]) - set(found[kind]) - deleted
            more = set(found[kind]) - set(wanted[kind]) - ADDED
            yield from (f"the upgraded database lacks the {kind} {value}" for value in sorted(missing))
            yield from (f"the upgraded database still has the {kind} {value}" for value in sorted(more))
            back = deleted & set(found[kind])
            yield from (f"the upgrade brings back the {kind} {value}" for value in sorted(back))

    def work(self) -> Iterator[str]:
        self._jobs("jobs")
        code = f"from devtools.scripts import former; former.check(env, {self.before['former']!r})"
        failure = "What segments and tiers did is not done by rules."
        shell(self.host, self.conf, self.name, code, failure, log=self._log("former"))
        worked = self._remember(self.conf, "worked")
        yield from lost(self.before, worked, only=("interaction", "entry", "setting"))
        self.before["host"] = worked["host"]  # plans that were waiting have posted messages

    def again(self) -> Iterator[str]:
        before = self._remember(self.conf, "again_before")
        self._upgrade("again")
        yield from lost(before, self._remember(self.conf, "again_after"))

    def uninstall(self) -> Iterator[str]:
        bare = minimal.snapshot(self.host, databases.template(self.host, "minimal"))
        self._odoo("uninstall", "Odoo cannot uninstall the add-on.", "module", "uninstall", addons.MAIN)
        bare.pop("group member")  # there are users by now
        left = minimal.snapshot(self.host, self.name)
        left["action"] = [action for action in left["action"] if action not in ADDED]
        yield from minimal.compare(bare, left)
        code = (
            "from devtools.scripts import kept\n"
            f"found, before = kept.of_host(env), {self.before['host']!r}\nassert found == before, (found, before)"
        )
        shell(self.host, self.conf, self.name, code, "Records of the host are gone.", log=self._log("host"))

    def reinstall(self) -> Iterator[str]:
        self._update("reinstall", "-i", addons.MAIN)
        self._jobs("reinstall_jobs")
        now = self._remember(self.conf, "reinstalled")
        missing = documents(self.before) - documents(now)
        yield from (f"the history of {what} does not come back" for what in sorted(missing))

    def later(self) -> Iterator[str]:
        self._update("later", "-i", ",".join(LATER))
        code = "from devtools.scripts import later; later.check(env)"
        shell(self.host, self.conf, self.name, code, "An app that comes later is not seen.", log=self._log("seen"))
        self._odoo("gone", "Odoo cannot uninstall an app.", "module", "uninstall", *LATER)
        self._jobs("gone_jobs")
        code = "from devtools.scripts import later; later.check_gone(env)"
        failure = "What waited for an app does not go on without it."
        shell(self.host, self.conf, self.name, code, failure, log=self._log("went_on"))
        return iter(())

    def _remember(self, conf: Path, log: str) -> dict:
        place = home("logs", f"{self.name}_{log}.json")
        code = (
            "import json, pathlib; from devtools.scripts import kept\n"
            f"pathlib.Path({str(place)!r}).write_text(json.dumps(kept.remember(env)))\n"
        )
        shell(self.host, conf, self.name, code, "Cannot read what is to be kept.", log=self._log(f"remember_{log}"))
        return json.loads(place.read_text())

    def _jobs(self, log: str) -> None:
        code = "from devtools.scripts import jobs; jobs.run(env)"
        shell(self.host, self.conf, self.name, code, "A scheduled action fails.", log=self._log(log))

    def _upgrade(self, log: str) -> None:
        self._update(log, "-u", addons.MAIN)

    def _update(self, log: str, *arguments: str) -> None:
        command = ["-c", self.conf, "-d", self.name, *arguments, "--stop-after-init", "--no-http"]
        self.host.run_odoo(self._log(log), f"Odoo fails: {' '.join(arguments)}.", *command)

    def _odoo(self, log: str, failure: str, *arguments: str) -> None:
        command, action, *rest = arguments
        self.host.run_odoo(self._log(log), failure, command, action, "-c", self.conf, "-d", self.name, *rest)

    def _log(self, log: str) -> str:
        self.logs.append(f"{self.name}_{log}")
        return self.logs[-1]

    def complaints(self) -> list[str]:
        """What the server logs say against the add-on."""
        return [line for log in self.logs for line in logscan.complaints(home("logs", f"{log}.log"))]


def documents(kept: dict) -> set[str]:
    """The documents whose interactions were captured; what was logged by hand or sent in has none."""
    keys = {key: key.split() for key in kept["interaction"]}
    return {key for key, (source, document, *_rest) in keys.items() if document.isdigit() and source != "manual"}


def lost(before: dict, after: dict, only: tuple[str, ...] = ()) -> Iterator[str]:
    """What is gone, or not what it was.

    >>> list(lost({"rule": {"1": {"points": 5}, "2": {}}}, {"rule": {"1": {"points": 6}}}))
    ['rule 1: points was 5 and is 6', 'rule 2 is lost']
    """
    for what in only or before:
        for which, values in before[what].items():
            now = after[what].get(which)
            if now is None:
                yield f"{what} {which} is lost"
                continue
            for name, value in values.items():
                if now[name] != value:
                    yield f"{what} {which}: {name} was {value} and is {now[name]}"


def problems(host: Host, name: str) -> Iterator[tuple[str, list[str]]]:
    """Each step of a life in the database ``name``, with what is wrong in it. What fails ends it."""
    life = Life(host, name)
    for what, step in life.steps().items():
        say(f"lifecycle: {what}")
        try:
            yield what, list(step())
        except DevError as error:
            yield what, [str(error)]
            break
    yield "no complaint in the server logs", life.complaints()
