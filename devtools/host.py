"""The host: Odoo, its environment and its databases, as one value that the commands work with."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from devtools import odoo_source, postgres, venvs
from devtools.common import ROOT, DevError, folder, locked, run, short_hash
from devtools.odoo_source import Odoo
from devtools.postgres import Server


@dataclass(frozen=True)
class Host:
    """A ready Odoo 19: where it is, how it runs, which PostgreSQL it uses."""

    odoo: Odoo
    bin: Path
    server: Server
    extra_path: Path

    @property
    def python(self) -> Path:
        """The interpreter that can import Odoo."""
        return self.bin / "python"

    @property
    def env(self) -> dict[str, str]:
        """The environment of every process of the host."""
        env = {key: value for key, value in os.environ.items() if key not in ("PYTHONDONTWRITEBYTECODE", "ODOO_RC")}
        threads = {name: env.get(name, "1") for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
        path = [str(self.bin), str(self.extra_path), *([str(self.server.binaries)] if self.server.binaries else [])]
        return {**env, **threads, **self.server.env, "PATH": os.pathsep.join([*path, env.get("PATH", "")])}

    def config(self, name: str, **options: object) -> Path:
        """Write the configuration file ``name`` and return its path."""
        places = [*self.odoo.addons, ROOT]
        settings = {
            "addons_path": ",".join(map(str, places)),
            "data_dir": folder("data"),
            "db_host": self.server.host,
            "db_port": self.server.port,
            "db_user": self.server.user,
            "http_interface": "127.0.0.1",
            "list_db": False,
            "max_cron_threads": 0,
            "with_demo": True,
            **options,
        }
        path = folder("conf") / f"{name}_{short_hash(str(ROOT), length=6)}.conf"
        path.write_text("[options]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items()))
        return path

    def odoo_command(self, *arguments: str | Path) -> list[str | Path]:
        """The command line of Odoo's own command."""
        return [self.bin / "odoo", *arguments]

    def run_odoo(self, log: str, failure: str, *arguments: str | Path, stdin: str | None = None) -> str:
        """Run one of Odoo's commands to its end; its output."""
        return run(self.odoo_command(*arguments), failure, log=log, env=self.env, stdin=stdin)

    def query(self, sql: str, *values: object, db: str = "postgres") -> list[list]:
        """Rows of one statement outside Odoo and outside any transaction."""
        script = (
            "import json, sys, psycopg2\n"
            "db, sql, values = json.loads(sys.argv[1])\n"
            "connection = psycopg2.connect(dbname=db)\n"
            "connection.autocommit = True\n"
            "cursor = connection.cursor()\n"
            "cursor.execute(sql, values or None)\n"
            "print(json.dumps(cursor.fetchall() if cursor.description else []))\n"
        )
        command = [self.python, "-c", script, json.dumps([db, sql, values])]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True)
        if done.returncode:
            raise DevError(f"PostgreSQL refused: {done.stderr.strip().splitlines()[-1]}")
        return json.loads(done.stdout)


def ensure(db_host: str | None = None) -> Host:
    """Fetch, build and start whatever is missing; seconds when nothing is."""
    with locked("host"):
        odoo = odoo_source.find()
        python = venvs.ensure("odoo", odoo.site)
        rtlcss = venvs.ensure_rtlcss()
        return Host(odoo, python, postgres.ensure(db_host), rtlcss)
