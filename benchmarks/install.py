"""Installing on a host with a million partners: what those at work wait for meanwhile, beside another add-on's.

    ./dev bench install [--scale X] [--reference MODULE]
    ./dev bench install --upgrade DATABASE

While a module is installed, one process reads companies, as every page does, and others save a partner, a lead and an
order; each says how long it waited at most. The reference is a module of the host, installed into a copy of the same
database in the same run. The longest statement is sampled from the server's own list of activities. With ``--upgrade``
the add-ons are upgraded in the database of another benchmark instead.
"""

import subprocess
import threading
import time
from collections.abc import Iterator

import psycopg2

from benchmarks.harness import Figure, at_most
from benchmarks.install_data import SIZES, ensure
from devtools import databases

NEEDS = "host"
SAMPLE = 0.01  # seconds between two looks
AT_WORK = {
    "read companies": "SELECT name FROM res_company",
    # A customer: that of a user is written by the host whenever groups of users are loaded.
    "save a partner": """UPDATE res_partner SET comment = 'x'
                          WHERE id = (SELECT id FROM res_partner WHERE partner_share ORDER BY id DESC LIMIT 1)""",
    "save a lead": "UPDATE crm_lead SET description = 'x' WHERE id = (SELECT max(id) FROM crm_lead)",
    "save an order": "UPDATE sale_order SET note = 'x' WHERE id = (SELECT max(id) FROM sale_order)",
}


def add_arguments(parser) -> None:
    """The module to compare with."""
    parser.add_argument("--reference", default="sale_loyalty", help="a module of the host to compare with")
    parser.add_argument("--upgrade", metavar="DATABASE", help="upgrade the add-ons there instead, such as bench_board")


class Watch:
    """Connections that work and look while something is installed."""

    def __init__(self, host, database: str):
        self.host, self.database = host, database
        self.longest = dict.fromkeys([*AT_WORK, "longest statement"], 0.0)
        self.statement = ""
        self.stopped = threading.Event()

    def __enter__(self) -> "Watch":
        calls = [(self._work, name) for name in AT_WORK] + [(self._look, "longest statement")]
        self.threads = [threading.Thread(target=call, args=(name,)) for call, name in calls]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def _connection(self):
        server = self.host.server
        connection = psycopg2.connect(dbname=self.database, host=server.host, port=server.port, user=server.user)
        connection.autocommit = True
        return connection

    def _work(self, name: str) -> None:
        cursor = self._connection().cursor()
        while not self.stopped.wait(SAMPLE):
            start = time.monotonic()
            cursor.execute(AT_WORK[name])
            self.longest[name] = max(self.longest[name], time.monotonic() - start)

    def _look(self, name: str) -> None:
        cursor = self._connection().cursor()
        while not self.stopped.wait(SAMPLE):
            cursor.execute(
                """SELECT extract(epoch FROM clock_timestamp() - query_start), query FROM pg_stat_activity
                    WHERE datname = %s AND state = 'active' AND application_name LIKE 'odoo-%%'
                      AND pid <> pg_backend_pid() ORDER BY 1 DESC LIMIT 1""",
                [self.database],
            )
            for seconds, statement in cursor.fetchall():
                if seconds > self.longest[name]:
                    self.longest[name], self.statement = float(seconds), statement


def run(options) -> Iterator[Figure]:
    """Install the reference and the add-on, each into a copy of its own."""
    host = options.host
    if options.upgrade:
        yield from _upgrade(host, options.upgrade)
        return
    source = ensure(host, options.scale)
    found = {}
    for module in (options.reference, "crm_plus"):
        name = f"bench_install_{module}"
        databases.duplicate(host, source, name)
        conf = host.config(name, db_name=name, with_demo=False)
        start = time.monotonic()
        command = host.odoo_command("-c", conf, "-d", name, "-i", module, "--stop-after-init", "--no-http")
        with Watch(host, name) as watch:
            subprocess.run(list(map(str, command)), env=host.env, check=True, capture_output=True)
        found[module] = {**watch.longest, "installation": time.monotonic() - start}
        print(f"{module}: the longest statement: {' '.join(watch.statement.split())[:200]}")
        databases.drop(host, name)
    ours, reference = found["crm_plus"], found[options.reference]
    sizes = ", ".join(f"{int(count * options.scale):,} {what}" for what, count in SIZES.items())
    yield Figure(f"installation ({sizes})", ours["installation"], "s", reference["installation"], options.reference)
    for what in (*AT_WORK, "longest statement"):
        limit = at_most(what if what == "longest statement" else f"wait to {what}", ours[what], 1.0)
        yield Figure(limit.name, ours[what], "s", reference[what], options.reference, limit.target, limit.passed)


def _upgrade(host, name) -> Iterator[Figure]:
    """`-u crm_plus`, which goes through all add-ons that build on it, while people work."""
    kind = databases.note(host, name)["kind"]
    start = time.monotonic()
    with Watch(host, name) as watch:
        databases.install(host, kind, name, f"{name}_upgrade", upgrade=True)
    yield Figure("upgrade", time.monotonic() - start)
    for what in (*AT_WORK, "longest statement"):
        yield at_most(what if what == "longest statement" else f"wait to {what}", watch.longest[what], 1.0)
    print(f"the longest statement: {' '.join(watch.statement.split())[:200]}")
