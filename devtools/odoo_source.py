"""Where Odoo 19 comes from: a named or importable one, a named package file, or Debian's package fetched privately."""

import importlib.util
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from devtools import apt
from devtools.common import DevError, folder, home, say, sha256, short_hash, stamp, stamped

VERSION = "19.0.0+dfsg-1"
SHA256 = "9d2f598b0555db17e291d48ed24df184c70823c053c4c5ed53c467ca7f629bbf"
DEB_NAME = f"odoo-19_{VERSION}_all.deb"
# what the package links to, and its suite
OVERLAY = {
    "bookworm": [
        "libjs-jquery", "libjs-underscore", "libjs-jquery-form",
        "fonts-font-awesome", "fonts-roboto-unhinted", "fonts-inconsolata", "fonts-ocr-b",
    ],
    "trixie": ["fonts-montserrat"],
}  # fmt: skip
# a .py-only duplicate of the add-ons, and what only an installed service needs
PACKAGES = "./usr/lib/python3/dist-packages"
LEFT_OUT = (f"{PACKAGES}/addons", f"{PACKAGES}/doc", f"{PACKAGES}/setup", "./var", "./etc")


@dataclass(frozen=True)
class Odoo:
    """One Odoo 19: the folder to import it from, its add-on folders, and a name for this very state of it."""

    site: Path
    addons: tuple[Path, ...]
    identity: str


def find() -> Odoo:
    """The Odoo to work with; fetched and unpacked when nobody named one."""
    if named := os.environ.get("ODOO_HOME"):
        return _existing(Path(named).expanduser().resolve())
    if not os.environ.get("ODOO_DEB"):
        spec = importlib.util.find_spec("odoo")
        for place in (spec.submodule_search_locations or []) if spec else []:
            if (Path(place) / "release.py").is_file():
                return _existing(Path(place).resolve().parent)
    return _unpacked()


def _existing(path: Path) -> Odoo:
    candidates = (path, path.parent, path / "usr/lib/python3/dist-packages")
    site = next((place for place in candidates if (place / "odoo" / "release.py").is_file()), None)
    if not site:
        raise DevError(f"ODOO_HOME={path} holds no Odoo: name the folder that has the folder `odoo` in it.")
    release = (site / "odoo" / "release.py").read_text()
    version = re.search(r"version_info = \((\d+), (\d+)", release)
    if not version or version.groups() != ("19", "0"):
        raise DevError(f"{site} is not Odoo 19.0: set ODOO_HOME to an Odoo 19.0, or unset it to have one fetched.")
    head = next(iter(sorted((site / ".git").glob("HEAD"))), None)
    return _odoo(site, short_hash(str(site), release, head.read_text() if head else ""))


def _odoo(site: Path, identity: str) -> Odoo:
    places = (site / "addons", site / "odoo" / "addons")
    return Odoo(
        site, tuple(place for place in places if (place / "base").is_dir() or (place / "crm").is_dir()), identity
    )


def _package() -> Path:
    """The .deb with the pinned hash: the named one, the cached one, or a fresh download."""
    if named := os.environ.get("ODOO_DEB"):
        package = Path(named).expanduser().resolve()
        if not package.is_file():
            raise DevError(
                f"ODOO_DEB={package} does not exist: name a copy of {DEB_NAME}, or unset it to have it fetched."
            )
        if sha256(package) != SHA256:
            raise DevError(f"ODOO_DEB={package} is not {DEB_NAME} (its SHA-256 differs): name an intact copy.")
        return package
    cached = folder("cache") / DEB_NAME
    if cached.is_file() and sha256(cached) == SHA256:
        return cached
    cached.unlink(missing_ok=True)
    say(f"fetching odoo-19 {VERSION} (123 MB)")
    apt.download("sid", [f"odoo-19={VERSION}"], folder("cache"))
    for found in folder("cache").glob("odoo-19_*.deb"):
        if sha256(found) == SHA256:
            return found.replace(cached)
    raise DevError(
        f"Debian did not give {DEB_NAME} with the pinned SHA-256: name a copy by ODOO_DEB, or an Odoo 19 by ODOO_HOME."
    )


def _unpacked() -> Odoo:
    root = home("odoo")
    site = root / "usr/lib/python3/dist-packages"
    if not stamped(home("stamps", "odoo"), SHA256):
        package = _package()
        say("unpacking Odoo")
        shutil.rmtree(root, ignore_errors=True)
        apt.unpack(package, folder("odoo"), LEFT_OUT)
        _overlay(root)
        _mend(site)
        stamp(home("stamps", "odoo"), SHA256)
    return _odoo(site, SHA256[:10])


def _overlay(root: Path) -> None:
    """The scripts and fonts that the package links to."""
    for suite, packages in OVERLAY.items():
        cache = folder("cache", suite)
        if not stamped(home("stamps", f"overlay_{suite}"), " ".join(packages)):
            say(f"fetching {len(packages)} script and font packages from {suite}")
            shutil.rmtree(cache)
            apt.download(suite, packages, folder("cache", suite))
            stamp(home("stamps", f"overlay_{suite}"), " ".join(packages))
        for package in sorted(cache.glob("*.deb")):
            apt.unpack(package, root, ("./usr/share/doc",))


def _mend(site: Path) -> None:
    """What the package lacks: odoo-bin, and a script of mail's manifest without which every browser test fails."""
    script = site / "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    if not script.exists():
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text("/* left out by Debian: background blur in calls is off */\n")
    binary = site / "odoo-bin"
    binary.write_text('#!/usr/bin/env python3\nimport odoo.cli\n\nif __name__ == "__main__":\n    odoo.cli.main()\n')
    binary.chmod(0o755)
