"""`./dev changelog`: what the fragments in `changelog.d/` tell goes into CHANGELOG.md, under the version of the add-on.

A change that users notice brings a fragment, `changelog.d/<short-name>.md`, of one or more lines `- ...`: so that two
changes never meet in one file. A release collects them.
"""

from pathlib import Path

from devtools import addons
from devtools.common import ROOT, DevError

FILE, FRAGMENTS = ROOT / "CHANGELOG.md", ROOT / "changelog.d"


def add_arguments(parser) -> None:
    """There are no options."""
    parser.set_defaults(call=changelog)


def changelog(_options) -> int:
    """Collect the fragments and remove them."""
    fragments = sorted(FRAGMENTS.glob("*.md"))
    version = addons.manifest(ROOT / addons.MAIN)["version"]
    FILE.write_text(collected(FILE.read_text(), version, [fragment_text(path) for path in fragments]))
    for path in fragments:
        path.unlink()
    print(f"CHANGELOG.md: {len(fragments)} fragments under {version}")
    return 0


def fragment_text(path: Path) -> str:
    """The lines of a fragment, which are a list."""
    text = path.read_text().strip()
    if not text.startswith("- "):
        raise DevError(f"{path.name} is not a list: begin each change with “- ”.")
    return text


def collected(text: str, version: str, fragments: list[str]) -> str:
    """The changelog with ``fragments`` at the end of the section of ``version``, which is made when missing, on top.

    >>> print(collected("# Changes\\n\\n## 1\\n\\n- Old\\n", "2", ["- New", "- Other"]))
    # Changes
    <BLANKLINE>
    ## 2
    <BLANKLINE>
    - New
    - Other
    <BLANKLINE>
    ## 1
    <BLANKLINE>
    - Old
    <BLANKLINE>
    """
    if not fragments:
        return text
    title, *sections = text.split("\n## ")
    if not sections or sections[0].partition("\n")[0] != version:
        sections.insert(0, f"{version}\n")
    sections[0] = "\n".join([sections[0].rstrip(), *([] if "- " in sections[0] else [""]), *fragments]) + "\n"
    return "\n## ".join([title, *sections])
