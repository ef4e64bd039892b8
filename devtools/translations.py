"""`./dev translations`: which translated pages are older than their English ones.

A translated page, `docs/<language>/<page>.md`, begins with the name of its English page and a mark of what that said
when it was translated: `<!-- docs/install.md 1f2e3d4c5b6a -->`. Whoever has brought the translation up to date marks it
with `./dev translations --mark docs/fa/install.md`.
"""

import hashlib
import re
from pathlib import Path

from devtools.common import ROOT, DevError

FIRST_LINE = re.compile(r"<!-- (\S+\.md) ([0-9a-f]{12}) -->\n")


def add_arguments(parser) -> None:
    """Which pages to mark."""
    parser.add_argument("--mark", nargs="+", metavar="PAGE", default=(), help="these pages are up to date now")
    parser.set_defaults(call=translations)


def translations(options) -> int:
    """Mark pages, or name what is older; 1 when something is."""
    for name in options.mark:
        path = (Path.cwd() / name).resolve()
        path.write_text(marked(path.read_text(), ROOT))
    found = pages()
    old = [path for path in found if is_older(path.read_text(), ROOT)]
    for path in old:
        english = FIRST_LINE.match(path.read_text()).group(1)
        print(f"{path.relative_to(ROOT)} is older than {english}")
    print(f"{len(found)} translated pages, {len(old)} of them older")
    return 1 if old else 0


def pages(root: Path = ROOT) -> list[Path]:
    """All translated pages."""
    return sorted(root.glob("docs/*/*.md"))


def mark_of(text: str) -> str:
    """What a text is known by.

    >>> mark_of("Installing")
    '8749b1693f74'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def is_older(text: str, root: Path) -> bool:
    """Whether the English page is another one than when the page ``text`` was translated."""
    english, mark = _head(text, root)
    return mark_of(english.read_text()) != mark


def marked(text: str, root: Path) -> str:
    """The page with the mark of its English page as it is now."""
    english, _mark = _head(text, root)
    name = english.relative_to(root).as_posix()
    return FIRST_LINE.sub(f"<!-- {name} {mark_of(english.read_text())} -->\n", text, count=1)


def _head(text: str, root: Path) -> tuple[Path, str]:
    """(English page, mark) of a translated page."""
    found = FIRST_LINE.match(text)
    if not found or not (root / found.group(1)).is_file():
        raise DevError("A translated page begins with <!-- its English page and twelve digits -->.")
    return root / found.group(1), found.group(2)
