"""The command line of `./dev`."""

import argparse
import functools
import os
import subprocess
import sys

from devtools import (
    attack,
    bench,
    changelog,
    dashboards,
    databases,
    faults,
    host_tests,
    lint,
    package,
    picture,
    postgres,
    screenshots,
    serve,
    testing,
    translations,
)
from devtools import host as hosts
from devtools.common import DevError, say

SERVE_DB = "crm_plus"


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(
        prog="./dev",
        allow_abbrev=False,
        description="Develop CRM Plus: everything it needs is fetched and kept in .dev/.",
    )
    commands = top.add_subparsers(
        parser_class=functools.partial(argparse.ArgumentParser, allow_abbrev=False),
        dest="command",
        required=True,
        metavar="COMMAND",
    )
    database = argparse.ArgumentParser(add_help=False)
    database.add_argument(
        "--db-host", help="a running PostgreSQL (host or socket folder; also PGHOST); default: one of its own"
    )
    named = argparse.ArgumentParser(add_help=False, parents=[database])
    named.add_argument("--db", default=SERVE_DB, help=f"name of the database (default: {SERVE_DB})")

    serve.add_arguments(commands.add_parser("serve", parents=[named], help="run the demo company with the add-on"))
    testing.add_arguments(commands.add_parser("test", parents=[database], help="run the tests"))
    of_host = commands.add_parser(
        "host-tests", parents=[database], help="run the host's own tests, with the add-on and without"
    )
    host_tests.add_arguments(of_host)
    attack.add_arguments(
        commands.add_parser("attack", parents=[database], help="ask a served database what it must not tell")
    )
    check = commands.add_parser("lint", help="check style, XML and JavaScript")
    check.add_argument("--fix", action="store_true", help="mend what can be mended")
    check.set_defaults(call=lint.lint)
    picture.add_arguments(commands.add_parser("picture", help="draw the floors and subjects into docs/house.svg"))
    package.add_arguments(
        commands.add_parser("package", parents=[database], help="build the archives and try them on hosts of their own")
    )
    dashboards.add_arguments(commands.add_parser("dashboards", help="write the files of the spreadsheet dashboards"))
    changelog.add_arguments(commands.add_parser("changelog", help="collect changelog.d/ into CHANGELOG.md"))
    translations.add_arguments(commands.add_parser("translations", help="which translated pages are older"))
    screenshots.add_arguments(
        commands.add_parser("screenshots", parents=[database], help="take the pictures of the README again")
    )
    commands.add_parser("shell", parents=[named], help="Odoo's shell on the database").set_defaults(call=_shell)
    commands.add_parser("psql", parents=[named], help="psql on the database").set_defaults(call=_psql)
    commands.add_parser("stop", help="stop the servers and the project's own PostgreSQL").set_defaults(call=_stop)
    faults.add_arguments(commands.add_parser("faults", parents=[database], help="load, kills, and what is left after"))
    bench.add_arguments(commands.add_parser("bench", parents=[database], help="run a benchmark", add_help=False))
    return top


def _shell(options) -> int:
    host = _with_database(options)
    conf = host.config(options.db, db_name=options.db)
    return subprocess.run(
        [str(part) for part in host.odoo_command("shell", "-c", conf, "--no-http")], env=host.env
    ).returncode


def _psql(options) -> int:
    host = _with_database(options)
    try:
        return subprocess.run(["psql", options.db], env=host.env).returncode
    except FileNotFoundError:
        raise DevError("psql is not installed: install PostgreSQL's client programs.") from None


def _with_database(options) -> hosts.Host:
    host = hosts.ensure(options.db_host)
    if databases.note(host, options.db) is None:
        raise DevError(f"There is no database {options.db}: `./dev serve --db {options.db}` makes it.")
    return host


def _stop(_options) -> int:
    for name in serve.stop_all():
        say(f"stopped the server on {name}")
    if postgres.stop():
        say("stopped PostgreSQL")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code."""
    options, rest = parser().parse_known_args(arguments)
    if rest and options.command not in ("test", "bench"):
        parser().error(f"unrecognized arguments: {' '.join(rest)}")
    options.rest = rest
    try:
        return options.call(options)
    except DevError as error:
        print(f"./dev: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        os.write(2, b"\n")
        return 130
