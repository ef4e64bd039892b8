"""`./dev bench NAME`: prepare what a benchmark needs and start it in a process of its own."""

import ast
import subprocess

from devtools import databases
from devtools import host as hosts
from devtools.common import ROOT, DevError, locked

NEEDS = ("engine", "odoo", "host")


def add_arguments(parser) -> None:
    """The options of `./dev bench`; all others are the benchmark's own."""
    parser.usage = "./dev bench [NAME [--scale X] [--json] [--fresh] [--db NAME] [ARGUMENT ...]]"
    parser.add_argument("name", nargs="?", help="name of a file in benchmarks/; none: list them")
    parser.add_argument("--fresh", action="store_true", help="make the benchmark's database anew")
    parser.add_argument("--db", help="name of the database, which several benchmarks can share (default: bench_NAME)")
    parser.set_defaults(call=bench)


def available() -> dict[str, str]:
    """The benchmarks and what each needs, read without importing them."""
    found = {}
    for path in sorted((ROOT / "benchmarks").glob("[a-z]*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "NEEDS":
                found[path.stem] = ast.literal_eval(node.value)
    return found


def bench(options) -> int:
    """Run one benchmark; 1 when it misses a target."""
    known = available()
    if not options.name:
        print("\n".join(f"{name} ({needs})" for name, needs in known.items()) or "There is no benchmark yet.")
        return 0
    if known.get(options.name) not in NEEDS:
        raise DevError(f"There is no benchmark {options.name!r}: choose one of {', '.join(known) or '(none yet)'}.")
    host = hosts.ensure(options.db_host)
    env = host.env
    if known[options.name] == "odoo":
        database = options.db or f"bench_{options.name}"
        with locked(f"database_{database}"):
            databases.ensure_with_addons(host, "minimal", database, f"{database}_setup", options.fresh)
        env = {**env, "ODOO_RC": str(host.config(database, db_name=database, with_demo=False))}
    command = [str(host.python), "-m", "devtools.scripts.bench_run", options.name, *options.rest]
    return subprocess.run(command, env=env, cwd=ROOT).returncode
