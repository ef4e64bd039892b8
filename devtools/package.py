"""`./dev package`: the add-ons as others install them, each way on a host of its own that has all their apps: wheels,
source archives, folders in an addons path (the official image), the repository itself (Odoo.sh). Each way has to bring
all add-ons, with every file that has to travel."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from devtools import addons, databases, logscan
from devtools import host as hosts
from devtools.common import ROOT, DevError, folder, free_slot, home, run, say, short_hash
from devtools.host import Host

# What stays behind: nobody needs it to use an add-on.
NOT_PACKED = {"__pycache__", "pyproject.toml"}
# Where Odoo, started that way, has each add-on.
PLACES = """import json, sys, odoo.tools
odoo.tools.config.parse_config(["-c", sys.argv[1]])
from odoo.modules.module import get_module_path, initialize_sys_path
initialize_sys_path()
print(json.dumps({name: get_module_path(name) for name in sys.argv[2:]}))"""


def add_arguments(parser) -> None:
    """There are no options of its own."""
    parser.set_defaults(call=package)


def package(options) -> int:
    """Build, install and try each; 1 when one of them does not work."""
    host = hosts.ensure(options.db_host)
    bad = 0
    with tempfile.TemporaryDirectory() as temporary, free_slot("package") as slot:
        built = _built(host, Path(temporary))
        ways: dict[str, Callable[[Path], tuple[Path, list[Path]]]] = {
            "wheels": lambda place: _environment(host, place, built, "*.whl"),
            "source archives": lambda place: _environment(host, place, built, "*.tar.gz"),
            "folders in an addons path": lambda place: _folders(host, place),
            "the repository": lambda place: _repository(host, place),
        }
        for number, (way, prepare) in enumerate(ways.items()):
            python, paths = prepare(Path(temporary) / str(number))
            name = f"cpk_{short_hash(str(home()), length=4)}_{slot}"
            try:
                problems = list(_try(host, name, python, paths))
            except DevError as error:
                problems = [str(error)]
            databases.drop(host, name)
            print(f"{way}: {'; '.join(problems) or 'installed'}", flush=True)
            bad += bool(problems)
    return 1 if bad else 0


def _built(host: Host, place: Path) -> Path:
    """A folder with the wheel and the source archive of every add-on."""
    for path in addons.folders():
        say(f"building {path.name}")
        command = [host.python, "-m", "build", "--no-isolation", "--outdir", place / "dist", path]
        run(command, f"Cannot build {path.name}.", log=f"build_{path.name}", env=host.env)
    return place / "dist"


def _plain(host: Host, place: Path) -> Path:
    """The site-packages of a plain environment of the host's Python."""
    run([host.python, "-m", "venv", place], f"Cannot create {place}.", log="package_venv")
    return next((place / "lib").glob("python3.*")) / "site-packages"


def _with_odoo(host: Host, site: Path) -> None:
    """Odoo and what it needs, behind what pip put there."""
    theirs = next((host.bin.parent / "lib").glob("python3.*")) / "site-packages"
    (site / "odoo.pth").write_text(f"{theirs}\n" + "".join(file.read_text() for file in theirs.glob("odoo_19.pth")))


def _pip(place: Path, *arguments: str | Path) -> None:
    quiet = ["-q", "--disable-pip-version-check", "--cache-dir", folder("cache", "pip")]
    run([place / "bin/pip", "install", *quiet, *arguments], "pip cannot install it.", log="package_pip")


def _environment(host: Host, place: Path, built: Path, pattern: str) -> tuple[Path, list[Path]]:
    """A plain environment with Odoo and what it needs, into which pip puts the archives."""
    _with_odoo(host, _plain(host, place))
    _pip(place, "--no-deps", "--no-build-isolation", *sorted(built.glob(pattern)))
    return place / "bin" / "python", []


def _folders(host: Host, place: Path) -> tuple[Path, list[Path]]:
    """As in the official image's /mnt/extra-addons."""
    for path in addons.folders():
        shutil.copytree(path, place / path.name, ignore=shutil.ignore_patterns("__pycache__"))
    return host.python, [place]


def _repository(host: Host, place: Path) -> tuple[Path, list[Path]]:
    """As on Odoo.sh: what is committed, and an environment of its own that gets what `requirements.txt` names."""
    place.mkdir()
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", place], input=archive, check=True)
    site = _plain(host, place / ".venv")
    _pip(place / ".venv", "-r", place / "requirements.txt")
    # Alone: nothing of the host's own environment is to be seen yet.
    imports = [place / ".venv/bin/python", "-c", "import numpy, scipy.optimize, sklearn.linear_model"]
    run(imports, "requirements.txt does not bring what the add-ons import.", log="package_imports")
    _with_odoo(host, site)
    return place / ".venv/bin/python", [place]


def _try(host: Host, name: str, python: Path, paths: list[Path]) -> Iterator[str]:
    databases.duplicate(host, databases.template(host, "host"), name)
    conf = host.config(name, db_name=name, with_demo=False, addons_path=",".join(map(str, [*host.odoo.addons, *paths])))
    ours = [path.name for path in addons.folders()]
    # Not from the repository's folder: nothing of it may be found by chance.
    found = run(
        [python, "-c", PLACES, conf, *ours], "Odoo cannot start.", log=f"{name}_places", env=host.env, cwd=home()
    )
    for addon, place in json.loads(found.strip().splitlines()[-1]).items():
        missing = sorted(travelling(ROOT / addon) - travelling(Path(place))) if place else ["everything"]
        if missing:
            yield f"{addon} lacks {', '.join(missing[:3])}" + (f" and {len(missing) - 3} more" if missing[3:] else "")
    command = [
        python, "-c", "import odoo.cli; odoo.cli.main()", "-c", conf, "-d", name, "-i", addons.MAIN,
        "--stop-after-init", "--no-http",
    ]  # fmt: skip
    run(command, "Odoo cannot install it.", log=name, env=host.env, cwd=home())
    version = addons.manifest(ROOT / addons.MAIN)["version"]
    state = "SELECT name, latest_version, state FROM ir_module_module WHERE name = ANY(%s) ORDER BY name"
    rows = host.query(state, ours, db=name)
    if rows != [[addon, version, "installed"] for addon in sorted(ours)]:
        yield f"not all add-ons are installed as {version}: {rows}"
    yield from logscan.complaints(home("logs", f"{name}.log"))


def travelling(place: Path) -> set[str]:
    """The files of an add-on that have to come along, however it is installed."""
    files = (path.relative_to(place) for path in place.rglob("*") if path.is_file())
    return {str(path) for path in files if not NOT_PACKED.intersection(path.parts)}
