"""`./dev serve`: the demo company with the add-on, kept running."""

import argparse
import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path

from devtools import databases
from devtools import host as hosts
from devtools.common import ROOT, DevError, folder, home, locked, say
from devtools.host import Host

LOGINS = """
  admin / admin        everything
  manager / manager    sales manager
  all / all            salesperson, all documents
  own / own            salesperson, own documents only
  service / service    service and marketing
  reader / reader      reads only
  customer / customer  portal customer"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `./dev serve`."""
    parser.add_argument("--port", type=int, help="port of the web server (default: 8069 or the next free one)")
    parser.add_argument("--fresh", action="store_true", help="make the database anew")
    parser.add_argument("--workers", type=int, default=0, help="number of worker processes (default: 0, threads)")
    parser.add_argument("--lang", help="load this language and use it for the logins, as in fa_IR")
    parser.add_argument("--sample", help=f"load this data set once: {', '.join(samples())}")
    parser.set_defaults(call=serve)


def samples() -> list[str]:
    """The data sets there are."""
    return sorted(path.stem for path in (ROOT / "devtools" / "samples").glob("[a-z]*.py"))


def serve(options) -> int:
    """Bring the database up to date, start Odoo on it, and stay until it ends."""
    if options.sample and options.sample not in samples():
        raise DevError(f"There is no sample {options.sample!r}: choose one of {', '.join(samples())}.")
    if running := running_server(options.db):
        if not options.fresh:
            print(f"Already running at {running['url']} (./dev stop ends it){LOGINS}")
            return 0
        stop_server(options.db)
    port = free_port(options.port)
    host = hosts.ensure(options.db_host)
    with locked(f"database_{options.db}"):
        databases.ensure_with_addons(host, "host", options.db, f"serve_{options.db}_setup", options.fresh)
        finish(host, options.db, options.lang, [options.sample] if options.sample else [])
    return _run(host, options, port)


def finish(host: Host, db: str, lang: str | None = None, wanted: Iterable[str] = ()) -> None:
    """Logins, language, samples and what the scheduled actions make of them, each once for a database."""
    noted = databases.note(host, db)
    steps = [*([f"lang {lang}"] if lang else []), "logins", *(f"sample {sample}" for sample in wanted)]
    missing = [step for step in steps if step not in noted.get("steps", [])]
    if not missing and "jobs" in noted.get("steps", []):
        return
    conf = host.config(db, db_name=db)
    # Last of all the scheduled actions, so that a newcomer sees at once what a company sees after some minutes.
    for step in (*missing, "jobs"):
        say(f"preparing {step}")
        kind, _, name = step.partition(" ")
        if kind == "lang":
            failure = f"Odoo cannot load the language {name}: name it as Odoo does, as in fa_IR."
            host.run_odoo("lang", failure, "i18n", "loadlang", "-c", conf, "-d", db, "-l", name)
        code = {
            "lang": f"from devtools.scripts import logins; logins.ensure(env, {name!r})",
            "logins": "from devtools.scripts import logins; logins.ensure(env)",
            "sample": f"from devtools.samples import {name}; {name}.load(env)",
            "jobs": "from devtools.scripts import jobs; jobs.run(env)",
        }[kind]
        shell(host, conf, db, code, f"Cannot prepare {step}.", log=f"serve_{kind}")
        noted = {**noted, "steps": sorted({*noted.get("steps", []), step})}
        databases.write_note(host, db, noted)


def shell(host: Host, conf: Path, db: str, code: str, failure: str, log: str) -> str:
    """Run code in Odoo's shell and commit; its output."""
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}\nenv.cr.commit()\n"
    return host.run_odoo(log, failure, "shell", "-c", conf, "-d", db, "--no-http", stdin=script)


def free_port(wanted: int | None, default: int = 8069) -> int:
    """The wanted port, or the first free one from the default upwards (the next one is free too, for websockets)."""
    for port in [wanted] if wanted else range(default, default + 200, 2):
        if all(_is_free(number) for number in (port, port + 1)):
            return port
    raise DevError(f"Port {wanted or default} (or the one after it) is taken: choose another one by --port.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _run(host: Host, options, port: int) -> int:
    conf = host.config(
        options.db, db_name=options.db, dbfilter=f"^{options.db}$", http_port=port, gevent_port=port + 1,
        max_cron_threads=1, workers=options.workers, limit_time_real=1200, limit_time_cpu=600,
    )  # fmt: skip
    process = subprocess.Popen(
        [str(part) for part in host.odoo_command("-c", conf)], env=host.env, cwd=ROOT, start_new_session=True
    )
    url = f"http://127.0.0.1:{port}"
    record = _record(options.db)
    record.write_text(json.dumps({"pid": process.pid, "url": url, "conf": str(conf)}))
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: process.terminate())
    threading.Thread(target=_announce, args=(process, url, options), daemon=True).start()
    try:
        code = process.wait()
    finally:
        record.unlink(missing_ok=True)
    return 0 if code in (0, -signal.SIGTERM) else 1


def _announce(process: subprocess.Popen, url: str, options) -> None:
    while process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/web/health", timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
        else:
            print(
                f"\nCRM Plus is running at {url} (database {options.db}, Ctrl+C ends it). Login / password:{LOGINS}\n",
                flush=True,
            )
            return


def _record(db: str) -> Path:
    return folder("run") / f"{db}.json"


def running_server(db: str) -> dict | None:
    """The record of the server on a database, None when it is not running."""
    record = _record(db)
    if not record.is_file():
        return None
    found = json.loads(record.read_text())
    try:
        command = Path(f"/proc/{found['pid']}/cmdline").read_bytes().decode()
    except OSError:
        command = ""
    if found["conf"] in command:
        return found
    record.unlink(missing_ok=True)
    return None


def stop_server(db: str) -> bool:
    """End the server on a database and wait for it; whether there was one."""
    running = running_server(db)
    if not running:
        return False
    os.kill(running["pid"], signal.SIGTERM)
    for _ in range(100):
        if not running_server(db):
            return True
        time.sleep(0.2)
    os.kill(running["pid"], signal.SIGKILL)
    return True


def stop_all() -> list[str]:
    """End every server of this dev home; their databases."""
    names = [path.stem for path in home("run").glob("*.json")]
    return [name for name in names if stop_server(name)]
