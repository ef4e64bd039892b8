"""`./dev faults`: two servers under a load of users, all scheduled actions forced, and kills at random moments;
afterward everything derived is compared with the documents it is derived from."""

import contextlib
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request

from devtools import databases, serve
from devtools import host as hosts
from devtools.common import ROOT, DevError, home, locked, say

DATABASE = "faults"
# Grows when the prepared data changes.
PREPARED = 3
SERVERS = 2


def add_arguments(parser) -> None:
    """The options of `./dev faults`."""
    parser.add_argument("--kills", type=int, default=100, help="processes and database sessions killed (default: 100)")
    parser.add_argument("--seconds", type=int, default=120, help="how long users work (default: 120)")
    parser.add_argument("--users", type=int, default=4, help="users at work at a time (default: 4)")
    parser.add_argument("--seed", type=int, default=0, help="another course of the same length (default: 0)")
    parser.add_argument("--fresh", action="store_true", help="make the database anew")
    parser.set_defaults(call=faults)


def faults(options) -> int:
    """Run it; 1 when something was lost or doubled, or a user had to wait because of us."""
    host = hosts.ensure(options.db_host)
    with locked(f"database_{DATABASE}"):
        prepared = (databases.note(host, DATABASE) or {}).get("prepared", PREPARED)
        fresh = options.fresh or prepared != PREPARED
        databases.ensure_with_addons(host, "host", DATABASE, f"{DATABASE}_setup", fresh)
        _prepare(host)
    with contextlib.ExitStack() as stack:
        urls, masters = zip(*(stack.enter_context(_server(host, number)) for number in range(SERVERS)), strict=True)
        conf = host.config(f"{DATABASE}_run", db_name=DATABASE)
        command = [
            host.python, "-m", "devtools.faults.run", f"--kills={options.kills}", f"--seconds={options.seconds}",
            f"--users={options.users}", f"--seed={options.seed}", "--urls", *urls, "--masters", *map(str, masters),
        ]  # fmt: skip
        return subprocess.run(
            [str(part) for part in command], env={**host.env, "ODOO_RC": str(conf)}, cwd=ROOT
        ).returncode


def _prepare(host) -> None:
    noted = databases.note(host, DATABASE)
    if noted.get("prepared") == PREPARED:
        return
    say("preparing customers, leads and models (some minutes)")
    conf = host.config(DATABASE, db_name=DATABASE)
    code = "from devtools.faults import data; data.ensure(env)"
    serve.shell(host, conf, DATABASE, code, "Cannot prepare the data.", log=f"{DATABASE}_data")
    databases.write_note(host, DATABASE, {**noted, "prepared": PREPARED})


@contextlib.contextmanager
def _server(host, number: int):
    """(url, pid) of a server with workers for users and for scheduled actions, killed in the end."""
    port = serve.free_port(None, 8500 + 20 * number)
    log = home("logs", f"{DATABASE}_server_{number}.log")
    log.unlink(missing_ok=True)
    conf = host.config(
        f"{DATABASE}_server_{number}", db_name=DATABASE, dbfilter=f"^{DATABASE}$", http_port=port, gevent_port=port + 1,
        workers=2, max_cron_threads=2, limit_time_real=1200, limit_time_real_cron=1200, limit_time_cpu=600, logfile=log,
    )  # fmt: skip
    command = [str(host.python), "-m", "devtools.faults.server", "-c", str(conf)]
    process = subprocess.Popen(command, env=host.env, cwd=ROOT, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, process)
        yield url, process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(url: str, process) -> None:
    for _attempt in range(600):
        try:
            urllib.request.urlopen(f"{url}/web/health", timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
        else:
            return
        if process.poll() is not None:
            break
    raise DevError(f"The server at {url} does not start: its log is in {home('logs')}.")
