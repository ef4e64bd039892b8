"""The add-ons of this repository: which they are, on what they depend, and in which state their files are."""

import ast
import hashlib
from pathlib import Path

from devtools.common import ROOT

MAIN = "crm_plus"
# what an installed database does not hold: it is read from the files at each start
NOT_INSTALLED = {"tests", "static", "engine", "readme", "__pycache__"}


def folders() -> list[Path]:
    """The add-on and its bridges."""
    return [path.parent for path in sorted(ROOT.glob(f"{MAIN}*/__manifest__.py"))]


def manifest(folder: Path) -> dict:
    """An add-on's manifest."""
    return ast.literal_eval((folder / "__manifest__.py").read_text())


def depends(name: str = MAIN) -> list[str]:
    """What an add-on of this repository depends on."""
    return manifest(ROOT / name)["depends"]


def names(available: set[str]) -> list[str]:
    """The add-ons whose dependencies are among ``available`` modules: the others' bridges have nothing to bridge to."""
    ours = {path.name: set(manifest(path)["depends"]) for path in folders()}
    return [name for name, needed in ours.items() if name == MAIN or needed <= available | set(ours)]


def state() -> str:
    """A hash over all files whose change asks for an upgrade of an installed database."""
    digest = hashlib.sha256()
    for folder in folders():
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and not NOT_INSTALLED.intersection(inside.parts):
                digest.update(f"{path.relative_to(ROOT)}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
