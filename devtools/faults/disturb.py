"""What makes it hard: all scheduled actions again and again, kills, and somebody who looks who waits for whom."""

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter

import psutil
import psycopg2

from devtools.faults.server import JOB

# Waiting longer than this, in seconds, because of us is a finding.
LONGEST_WAIT = 0.2
OURS = ("crm_interaction", "crm_lead_score", "crm_customer", "crm_followup", "crm_job", "crm_segment", "crm_tier")
LOOK_EVERY = 0.03
# What makes scheduled actions begin again, as settings or a manager would.
ANEW = {
    "backfill": '{"backfill_done": false, "backfill_total": 0, "backfill_next_id": 0}',
    "train": '{"crm_plus_trained_date": false, "crm_plus_predicted_until": 0}',
    "followup": '{"evaluated_date": false}',
    "train_predictions": '{"crm_plus_train_requested": true}',
}


class Worker(threading.Thread):
    """A thread with a database session of its own that does something again and again until it is stopped."""

    every = 1.0

    def __init__(self, database: str, stop: threading.Event, seed: int = 0):
        super().__init__(daemon=True)
        self.stop, self.chance = stop, random.Random(f"{seed}/{type(self).__name__}")
        self.connection = psycopg2.connect(dbname=database, application_name=f"faults {type(self).__name__}")
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()

    def query(self, sql: str, *values) -> list[tuple]:
        """The rows of a statement."""
        self.cursor.execute(sql, values or None)
        return self.cursor.fetchall() if self.cursor.description else []

    def run(self) -> None:
        while not self.stop.is_set():
            self.step()
            self.stop.wait(self.every)

    def step(self) -> None:
        """What is done again and again."""
        raise NotImplementedError


class Forcer(Worker):
    """Has all our scheduled actions run all the time, and some of them begin again."""

    def __init__(self, database: str, stop: threading.Event, seed: int):
        super().__init__(database, stop, seed)
        self.postgres = psycopg2.connect(dbname="postgres")
        self.postgres.autocommit = True
        self.database = database
        self.crons = [
            row[0]
            for row in self.query(
                "SELECT res_id FROM ir_model_data WHERE model = 'ir.cron' AND module LIKE 'crm\\_plus%'"
            )
        ]

    def step(self) -> None:
        job = self.chance.choice(list(ANEW))
        self.query(
            """UPDATE crm_job_memory SET noted = noted || %s::jsonb
                WHERE id = (SELECT id FROM crm_job_memory WHERE job = %s ORDER BY random() LIMIT 1)""",
            ANEW[job],
            job,
        )
        self.wake(self.crons)

    def look_again(self) -> None:
        """Have the audiences of all follow-up rules looked at once more, not only within the hour."""
        self.query("UPDATE crm_job_memory SET noted = noted || %s::jsonb WHERE job = 'followup'", ANEW["followup"])

    def wake(self, crons: list[int]) -> None:
        """Have these scheduled actions run now."""
        self.query(
            """INSERT INTO ir_cron_trigger (cron_id, call_at)
               SELECT cron_id, now() AT TIME ZONE 'UTC' FROM unnest(%s) AS wanted (cron_id)
                WHERE NOT EXISTS (SELECT FROM ir_cron_trigger t
                                   WHERE t.cron_id = wanted.cron_id AND t.call_at <= now() AT TIME ZONE 'UTC')""",
            crons,
        )
        with self.postgres.cursor() as cursor:
            cursor.execute("SELECT pg_notify('cron_trigger', %s)", [self.database])


class Killer(Worker):
    """Kills worker processes and database sessions, most of them those of scheduled actions."""

    def __init__(self, database: str, stop: threading.Event, seed: int, masters: list[int], every: float):
        super().__init__(database, stop, seed)
        self.masters, self.every, self.killed = masters, every, Counter()

    def step(self) -> None:
        kill = self.chance.choice([self.kill_worker, self.kill_session])
        if what := kill():
            self.killed[what] += 1

    def sessions(self) -> list[tuple]:
        """(database process, who, what) of those at work, scheduled actions first."""
        return self.query(
            """SELECT pid, application_name, query FROM pg_stat_activity
                WHERE datname = current_database() AND backend_type = 'client backend' AND state <> 'idle'
                  AND application_name NOT LIKE 'faults%%' AND application_name <> %s
                ORDER BY application_name LIKE %s AND random() < 0.7 DESC, random()""",
            f"odoo-{os.getpid()}",  # this process looks whether something is lost
            f"{JOB} %",
        )

    def kill_session(self) -> str | None:
        for pid, who, query in self.sessions():
            self.query("SELECT pg_terminate_backend(%s)", pid)
            return f"session of {_called(who, query)}"
        return None

    def kill_worker(self) -> str | None:
        """A process of one of the servers: one that works on a scheduled action, else any."""
        processes = [pid for master in self.masters for pid in _children(master)]
        self.chance.shuffle(processes)
        busy = {int(who.split()[1]): _called(who, query) for _pid, who, query in self.sessions() if who.startswith(JOB)}
        processes.sort(key=lambda pid: pid not in busy or self.chance.random() < 0.3)
        for pid in processes:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            return f"process of {busy.get(pid, 'users, or idle')}"
        return None


def _children(master: int) -> list[int]:
    """The worker processes of a server; the one for websockets is left alone."""
    found = []
    for process in psutil.Process(master).children():
        with contextlib.suppress(psutil.Error):
            if "gevent" not in process.cmdline():
                found.append(process.pid)
    return found


def _called(who: str, query: str) -> str:
    """Whose session it is: the name of the scheduled action, or what kind of statement a user was in."""
    if who.startswith(f"{JOB} "):
        return who.split(maxsplit=2)[2].removeprefix("CRM Plus: ")
    return "a user in a capture" if "crm_plus_capture" in query else "a user"


class Watcher(Worker):
    """Looks which user waits for one of our scheduled actions, or for anyone in one of our statements, and how long."""

    every = LOOK_EVERY

    def __init__(self, database: str, stop: threading.Event):
        super().__init__(database, stop)
        self.begun, self.waits = {}, []

    def step(self) -> None:
        now, waiting = time.monotonic(), {}
        rows = self.query(
            """SELECT w.pid, w.query, b.application_name, b.query
                 FROM pg_stat_activity w, unnest(pg_blocking_pids(w.pid)) AS blocker
                 JOIN pg_stat_activity b ON b.pid = blocker
                WHERE w.datname = current_database() AND w.wait_event_type = 'Lock' AND w.application_name NOT LIKE %s
                  AND w.application_name NOT LIKE 'faults%%'""",
            f"{JOB} %",
        )
        for pid, query, who, blocking in rows:
            job = who.startswith(f"{JOB} ") and "CRM Plus" in who
            if job or any(table in query for table in OURS):
                waiting[pid] = f"{query[:120]!r} waits for {_called(who, blocking)}: {blocking[:80]!r}"
        for pid, what in waiting.items():
            self.begun.setdefault(pid, (now, what))
        for pid in self.begun.keys() - waiting.keys():
            begun, what = self.begun.pop(pid)
            self.waits.append((now - begun, what))

    def long_waits(self) -> list[tuple[float, str]]:
        """(seconds, what) of the waits that are findings, the longest first."""
        return sorted((wait for wait in self.waits if wait[0] > LONGEST_WAIT), reverse=True)
