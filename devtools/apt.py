"""Debian packages fetched by a private apt: own sources, lists and cache; the system's apt is only read."""

import shutil
import subprocess
from pathlib import Path

from devtools.common import DevError, folder, run

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
REMEDY = "set ODOO_HOME to an Odoo 19 checkout or installation"


def mirror() -> str:
    """The repository from which this machine gets its own Debian suite."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb") or not KEYRING.exists():
        raise DevError(f"Odoo is fetched as a Debian package and this machine has no Debian apt: {REMEDY}.")
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT)", "Created-By: Packages"],
        capture_output=True, text=True,
    )  # fmt: skip
    for line in listing.stdout.splitlines():
        fields = line.split()
        if len(fields) == 3 and fields[2] == "main" and "-" not in fields[1]:
            return fields[0]
    raise DevError(f"apt on this machine names no Debian mirror: add one to its sources, or {REMEDY}.")


def _options(suite: str) -> list[str]:
    base = folder("apt", suite)
    for sub in ("lists/partial", "cache/archives/partial"):
        (base / sub).mkdir(parents=True, exist_ok=True)
    source = base / "private.sources"
    source.write_text(f"Types: deb\nURIs: {mirror()}\nSuites: {suite}\nComponents: main\nSigned-By: {KEYRING}\n")
    return [
        "-q",
        *("-o", f"Dir::Etc::sourcelist={source}"),
        *("-o", "Dir::Etc::sourceparts=-"),
        *("-o", "Dir::Etc::preferencesparts=-"),
        *("-o", f"Dir::State::Lists={base / 'lists'}"),
        *("-o", f"Dir::Cache={base / 'cache'}"),
        *("-o", "APT::Sandbox::User=root"),
        *("-o", "Acquire::Languages=none"),
        *("-o", "APT::Update::Post-Invoke-Success::="),
    ]


def download(suite: str, packages: list[str], into: Path) -> None:
    """Put the packages' .deb files of a suite into a folder; apt checks their signatures."""
    options = _options(suite)
    failure = f"Cannot fetch {', '.join(packages)} from Debian {suite}: check the network and the mirror, or {REMEDY}."
    run(["apt-get", *options, "update"], failure, log=f"apt_{suite}_update")
    run(["apt-get", *options, "download", *packages], failure, log=f"apt_{suite}_download", cwd=into)


def unpack(package: Path, into: Path, exclude: tuple[str, ...] = ()) -> None:
    """Unpack the files of a .deb below a folder, without installing it."""
    if not shutil.which("dpkg-deb"):
        raise DevError(f"Unpacking {package.name} needs dpkg-deb, which this machine has not: {REMEDY}.")
    tar = ["tar", "-x", "-C", str(into), "--no-same-owner", *(f"--exclude={path}" for path in exclude)]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as reader:
        writer = subprocess.run(tar, stdin=reader.stdout)
    if reader.returncode or writer.returncode:
        raise DevError(f"Cannot unpack {package}: check the free space below {into}.")
