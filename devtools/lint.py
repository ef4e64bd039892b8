"""`./dev lint`: Python style, Odoo's rules, XML, JavaScript, the rules of the house, what must not be in it."""

import subprocess
import time
from pathlib import Path

from devtools import addons, houserules, textrules, venvs
from devtools.common import ROOT, locked


def tracked() -> list[Path]:
    """The files of the repository, new ones too, without what is ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in sorted(set(listing.split("\0"))) if name and (path := ROOT / name).is_file()]


def lint(options) -> int:
    """Run all checks; 1 when one of them complains."""
    start = time.monotonic()
    with locked("lint"):
        tools = venvs.ensure("lint")
    bad = []
    for name, command in _programs(tools, options.fix).items():
        if subprocess.run([str(part) for part in command], cwd=ROOT).returncode:
            bad.append(name)
    paths = tracked()
    names = [path.name for path in addons.folders()]
    complaints = textrules.complaints(paths) + houserules.complaints(ROOT, names, paths)
    if complaints:
        print("\n".join(complaints))
        bad.append(f"{len(complaints)} in files")
    print(f"lint: {'failed: ' + ', '.join(bad) if bad else 'all good'} ({time.monotonic() - start:.0f} s)")
    return 1 if bad else 0


def _programs(tools: Path, fix: bool) -> dict[str, list[str | Path]]:
    # the engine knows nothing of Odoo; readme/ fragments stand for a README
    # no-search-all: companies, channels and sources are few, and all of them are meant
    disabled = "missing-readme,no-search-all"
    odoo_rules = ["--rcfile=pyproject.toml", "--ignore=engine,tests", f"--disable={disabled}"]
    # tests speak to nobody, and name the modules whose log lines they expect
    test_rules = [*odoo_rules[:1], f"--disable={disabled},translation-required,odoo-addons-relative-import"]
    return {
        "ruff": [tools / "ruff", "check", *(["--fix"] if fix else []), "."],
        "ruff format": [tools / "ruff", "format", *([] if fix else ["--check"]), "."],
        "pylint-odoo": [tools / "pylint", *odoo_rules, *(path.name for path in addons.folders())],
        "pylint-odoo, tests": [tools / "pylint", *test_rules, *(f"{path.name}/tests" for path in addons.folders())],
    }
