"""`./dev lint`: Python style, Odoo's rules, XML, JavaScript, and what must not stand in the repository."""

import subprocess
import time
from pathlib import Path

from devtools import addons, textrules, venvs
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
    paths = tracked()
    folders = [path.name for path in addons.folders()]
    fix = ["--fix"] if options.fix else []
    commands = {
        "ruff": [tools / "ruff", "check", *fix, "."],
        "ruff format": [tools / "ruff", "format", *([] if options.fix else ["--check"]), "."],
        "pylint-odoo": [
            tools / "pylint",
            "--rcfile=pyproject.toml",
            "--ignore=engine",
            "--disable=missing-readme,consider-merging-classes-inherited",
            *folders,
        ],
    }
    bad = [
        name
        for name, command in commands.items()
        if subprocess.run([str(part) for part in command], cwd=ROOT).returncode
    ]
    complaints = textrules.complaints(paths)
    print("\n".join(complaints))
    for warning in textrules.long_files(paths):
        print(f"warning: {warning}")
    if complaints:
        bad.append(f"{len(complaints)} in files")
    print(f"lint: {'failed: ' + ', '.join(bad) if bad else 'all good'} ({time.monotonic() - start:.0f} s)")
    return 1 if bad else 0
