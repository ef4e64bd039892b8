"""`./dev package`: the add-ons as others install them, each way on a host of its own: wheels, archives, folders."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from devtools import addons, databases, logscan
from devtools import host as hosts
from devtools.common import ROOT, free_slot, home, run, say, short_hash
from devtools.host import Host


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
        }
        for number, (way, prepare) in enumerate(ways.items()):
            python, paths = prepare(Path(temporary) / str(number))
            name = f"cpk_{short_hash(str(home()), length=4)}_{slot}"
            problems = list(_try(host, name, python, paths))
            databases.drop(host, name)
            print(f"{way}: {'; '.join(problems) or 'installed'}", flush=True)
            bad += bool(problems)
    return 1 if bad else 0


def _built(host: Host, place: Path) -> Path:
    """A folder with the wheel and the source archive of every add-on."""
    for folder in addons.folders():
        say(f"building {folder.name}")
        command = [host.python, "-m", "build", "--no-isolation", "--outdir", place / "dist", folder]
        run(command, f"Cannot build {folder.name}.", log=f"build_{folder.name}", env=host.env)
    return place / "dist"


def _environment(host: Host, place: Path, built: Path, pattern: str) -> tuple[Path, list[Path]]:
    """A plain environment with Odoo and what it needs, into which pip puts the archives."""
    run([host.python, "-m", "venv", place], f"Cannot create {place}.", log="package_venv")
    theirs, ours = (next((path / "lib").glob("python3.*")) / "site-packages" for path in (host.bin.parent, place))
    (ours / "odoo.pth").write_text(f"{theirs}\n" + "".join(file.read_text() for file in theirs.glob("odoo_19.pth")))
    archives = sorted(built.glob(pattern))
    command = [place / "bin/pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--no-build-isolation"]
    run([*command, *archives], f"pip cannot install {pattern}.", log="package_pip")
    return place / "bin" / "python", []


def _folders(host: Host, place: Path) -> tuple[Path, list[Path]]:
    """As in the official image's /mnt/extra-addons, and as Odoo.sh finds them in a repository."""
    for folder in addons.folders():
        shutil.copytree(folder, place / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
    return host.python, [place]


def _try(host: Host, name: str, python: Path, paths: list[Path]) -> Iterator[str]:
    databases.duplicate(host, databases.template(host, "minimal"), name)
    conf = host.config(name, db_name=name, with_demo=False, addons_path=",".join(map(str, [*host.odoo.addons, *paths])))
    command = [
        python, "-c", "import odoo.cli; odoo.cli.main()", "-c", conf, "-d", name, "-i", addons.MAIN,
        "--stop-after-init", "--no-http",
    ]  # fmt: skip
    # Not from the repository's folder: nothing of it may be found by chance.
    run(command, "Odoo cannot install it.", log=name, env=host.env, cwd=home())
    version = addons.manifest(ROOT / addons.MAIN)["version"]
    rows = host.query("SELECT latest_version, state FROM ir_module_module WHERE name = %s", addons.MAIN, db=name)
    if rows != [[version, "installed"]]:
        yield f"{addons.MAIN} is {rows}, not {version}"
    yield from logscan.complaints(home("logs", f"{name}.log"))
