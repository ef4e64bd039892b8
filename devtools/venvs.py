"""The Python environments of the project, and the one npm tool that right-to-left style sheets need."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from devtools.common import ROOT, DevError, folder, home, run, say, short_hash, stamp, stamped

SUPPORTED = [(3, minor) for minor in (11, 12, 13)]
RTLCSS = "4.3.0"


def lock_text(name: str) -> str:
    """The pinned requirements called ``name``."""
    return (ROOT / "requirements" / f"{name}.lock").read_text()


def base_python() -> str:
    """A Python for which the pins hold: CRM_PLUS_PYTHON, this one, or one on the PATH."""
    named = os.environ.get("CRM_PLUS_PYTHON")
    candidates = [named] if named else [sys.executable, "python3.11", "python3.12", "python3.13", "/usr/bin/python3"]
    for candidate in filter(None, map(shutil.which, candidates)):
        answer = subprocess.run(
            [candidate, "-c", "import sys, venv, ensurepip; print(*sys.version_info[:2])"],
            capture_output=True,
            text=True,
        )
        if answer.returncode == 0 and tuple(map(int, answer.stdout.split())) in SUPPORTED:
            return candidate
    raise DevError(
        "No Python 3.11 to 3.13 with its venv module was found: install one (on Debian: python3-venv), "
        "or name one by CRM_PLUS_PYTHON."
    )


def ensure(name: str, site: Path | None = None) -> Path:
    """The environment with the requirements called ``name``, where ``site`` can be imported from; its bin folder."""
    base = base_python()
    place = home("venv", name)
    text = lock_text(name)
    wanted = short_hash(text, os.path.realpath(base), str(site), length=64)
    if not stamped(home("stamps", f"venv_{name}"), wanted):
        say(f"installing the Python requirements of `{name}` ({text.count('==')} packages)")
        shutil.rmtree(place, ignore_errors=True)
        run([base, "-m", "venv", place], f"Cannot create the Python environment {place}.", log=f"venv_{name}")
        run(
            [place / "bin/pip", "install", "-q", "--disable-pip-version-check", "--require-hashes",
             "--cache-dir", folder("cache", "pip"), "-r", ROOT / "requirements" / f"{name}.lock"],
            f"Cannot install requirements/{name}.lock: check the network and pip's configuration, then try again.",
            log=f"pip_{name}",
        )  # fmt: skip
        if site:
            link(place, site)
        stamp(home("stamps", f"venv_{name}"), wanted)
    return place / "bin"


def link(place: Path, site: Path) -> None:
    """Make Odoo importable in the environment, with a command of its own."""
    library = next((place / "lib").glob("python3.*")) / "site-packages"
    (library / "odoo_19.pth").write_text(f"{site}\n")
    command = place / "bin" / "odoo"
    command.write_text(f'#!{place}/bin/python\nimport odoo.cli\n\nif __name__ == "__main__":\n    odoo.cli.main()\n')
    command.chmod(0o755)
    patched = place / "bin" / "wkhtmltopdf-pack"
    if patched.exists():
        (place / "bin" / "wkhtmltopdf").symlink_to(patched.name)


def ensure_rtlcss() -> Path:
    """The folder of the `rtlcss` command; where it cannot be had, right-to-left languages look left-to-right."""
    place = home("node")
    if not stamped(home("stamps", "rtlcss"), RTLCSS):
        if not shutil.which("npm"):
            say("npm is not installed: right-to-left languages will look left-to-right (install npm to change that)")
            return place
        say("installing rtlcss")
        command = [
            "npm",
            "install",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
            "--prefix",
            folder("node"),
            f"rtlcss@{RTLCSS}",
        ]
        try:
            run(command, "Cannot install rtlcss: right-to-left languages will look left-to-right.", log="npm")
        except DevError as error:
            say(str(error))
            return place
        stamp(home("stamps", "rtlcss"), RTLCSS)
    return place / "node_modules" / ".bin"
