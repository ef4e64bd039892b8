"""`./dev test --only operation`: what an administrator does with a database that has the add-on.

A database user without special rights installs it and runs its scheduled actions; the database is backed up, restored,
duplicated and neutralized; two workers with the host's default limits serve it and run its scheduled actions.
"""

import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from devtools import databases, logscan
from devtools.common import ROOT, DevError, folder, home
from devtools.host import Host
from devtools.serve import free_port, shell

PLAIN = "crm_plus_plain"
# Tables, views, and the sequences that belong to none of them; the others follow their tables.
OWNED_BY_PLAIN = f"""DO $$ DECLARE thing record; BEGIN FOR thing IN
    SELECT c.oid::regclass AS name FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'S')
           AND (c.relkind <> 'S' OR c.oid NOT IN (SELECT d.objid FROM pg_depend d WHERE d.deptype IN ('a', 'i')))
    LOOP EXECUTE format('ALTER TABLE %s OWNER TO {PLAIN}', thing.name); END LOOP; END $$"""
JOBS = "from devtools.scripts import jobs; jobs.run(env)"
REMEMBER = (
    "import json, pathlib; from devtools.scripts import kept\n"
    "pathlib.Path({!r}).write_text(json.dumps(kept.remember(env)))"
)
DUE = "active AND cron_name LIKE 'CRM Plus%' AND nextcall < now() AT TIME ZONE 'UTC'"
# What a neutralized copy must not do later either.
PENDING = """SELECT (SELECT count(*) FROM ir_cron WHERE active AND cron_name LIKE 'CRM Plus%')
              + (SELECT count(*) FROM crm_segment_membership WHERE enter_pending OR leave_pending OR change_pending)
              + (SELECT count(*) FROM crm_tier_stay WHERE enter_pending OR leave_pending OR change_pending)
              + (SELECT count(*) FROM crm_lead_score WHERE hot_to_announce)
              + (SELECT count(*) FROM crm_followup_rule WHERE state IN ('active', 'shadow'))"""
PATIENCE = 180


class Operation:
    """The steps, each a generator of what is wrong."""

    def __init__(self, host: Host, name: str):
        self.host, self.name, self.copy = host, name, f"{name}_copy"
        self.plain = replace(host, server=replace(host.server, user=PLAIN))
        self.before: dict = {}

    def steps(self):
        """``{what: a function that gives what is wrong}`` in order."""
        return {
            "a database user without special rights": self.without_rights,
            "backup and restore": self.backup,
            "duplicate": self.duplicate,
            "neutralize": self.neutralize,
            "two workers with the host's own limits": self.workers,
        }

    def without_rights(self) -> Iterator[str]:
        """The owner of the database, and nothing else."""
        databases.duplicate(self.host, databases.template(self.host, "minimal"), self.name)
        with suppress(DevError):  # it is there from an interrupted run
            self.host.query(f"CREATE ROLE {PLAIN} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
        self.host.query(f'ALTER DATABASE "{self.name}" OWNER TO {PLAIN}')
        self.host.query(OWNED_BY_PLAIN, db=self.name)
        self.host.query(f"GRANT ALL ON SCHEMA public TO {PLAIN}", db=self.name)
        databases.install(self.plain, "minimal", self.name, f"{self.name}_install")
        conf = self.plain.config(self.name, db_name=self.name, with_demo=False)
        sample = 'env["crm.sample.company"]._load(env.company)'
        shell(self.plain, conf, self.name, sample, "The sample cannot be loaded.", log=f"{self.name}_sample")
        shell(self.plain, conf, self.name, JOBS, "A scheduled action fails.", log=f"{self.name}_jobs")
        self.before = self._remember(self.name)
        for log in ("install", "sample", "jobs"):
            yield from logscan.complaints(home("logs", f"{self.name}_{log}.log"))

    def backup(self) -> Iterator[str]:
        """Into a file and out of it again."""
        conf, place = self.host.config(self.name, db_name=self.name), folder("backup") / f"{self.name}.zip"
        databases.drop(self.host, self.copy)
        self.host.run_odoo(f"{self.name}_dump", "Odoo cannot back up.", "db", "-c", conf, "dump", self.name, str(place))
        self.host.run_odoo(f"{self.name}_load", "Odoo cannot restore.", "db", "-c", conf, "load", self.copy, str(place))
        place.unlink()
        yield from self._differences("restored")

    def duplicate(self) -> Iterator[str]:
        """As `odoo db duplicate` does it."""
        databases.duplicate(self.host, self.name, self.copy)
        yield from self._differences("duplicated")

    def neutralize(self) -> Iterator[str]:
        """The copy contacts nobody."""
        conf = self.host.config(self.copy, db_name=self.copy)
        self.host.run_odoo(f"{self.name}_neutral", "Odoo cannot neutralize.", "neutralize", "-c", conf, "-d", self.copy)
        [[left]] = self.host.query(PENDING, db=self.copy)
        if left:
            yield f"{left} scheduled actions, moves, hot leads or rules are left in the neutralized copy"
        databases.drop(self.host, self.copy)

    def workers(self) -> Iterator[str]:
        """The limits of time and memory are those the host has without any in its configuration."""
        port, log = free_port(None, 8469), home("logs", f"{self.name}_workers.log")
        conf = self.plain.config(
            f"{self.name}_workers", db_name=self.name, dbfilter=f"^{self.name}$", http_port=port, gevent_port=port + 1,
            workers=2, max_cron_threads=1, logfile=log, with_demo=False,
        )  # fmt: skip
        due = "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE active AND cron_name LIKE 'CRM Plus%'"
        self.host.query(due, db=self.name)
        command = [str(part) for part in self.plain.odoo_command("-c", conf)]
        server = subprocess.Popen(command, env=self.plain.env, cwd=ROOT)
        try:
            yield from self._served(f"http://127.0.0.1:{port}/web/health")
        finally:
            server.terminate()
            server.wait()
        yield from logscan.complaints(log)

    def _served(self, url: str) -> Iterator[str]:
        end, left = time.monotonic() + PATIENCE, 1
        while left and time.monotonic() < end:
            time.sleep(3)
            with suppress(OSError):
                urllib.request.urlopen(url, timeout=5).close()
                [[left]] = self.host.query(f"SELECT count(*) FROM ir_cron WHERE {DUE}", db=self.name)
        if left:
            yield f"{left} scheduled actions have not run after {PATIENCE} s"

    def _differences(self, what: str) -> Iterator[str]:
        after = self._remember(self.copy)
        changed = [kind for kind in self.before if self.before[kind] != after[kind]]
        yield from (f"{kind} is not as before in the {what} database" for kind in changed)

    def _remember(self, name: str) -> dict:
        place = home("logs", f"{name}_kept.json")
        conf = self.host.config(name, db_name=name)
        shell(self.host, conf, name, REMEMBER.format(str(place)), "Cannot read what is there.", log=f"{name}_remember")
        return json.loads(place.read_text())

    def clean(self) -> None:
        """Nothing of it is left."""
        for name in (self.name, self.copy):
            databases.drop(self.host, name)
        with suppress(DevError):
            self.host.query(f"DROP ROLE {PLAIN}")
        shutil.rmtree(home("backup"), ignore_errors=True)


def problems(host: Host, name: str) -> Iterator[tuple[str, list[str]]]:
    """Each step with what is wrong in it. What fails ends it."""
    operation = Operation(host, name)
    try:
        for what, step in operation.steps().items():
            try:
                yield what, list(step())
            except DevError as error:
                yield what, [str(error)]
                break
    finally:
        operation.clean()
