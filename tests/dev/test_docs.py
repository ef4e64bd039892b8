"""What the documents point to is there."""

import re

import pytest

from devtools.cli import parser
from devtools.common import ROOT

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("**/*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"\./dev ([a-z][\w-]*)")


def anchors(text):
    """The names that headings have as targets of links."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text()):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file.read_text()), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_are_those_of_the_tool(page):
    known = next(action.choices for action in parser()._actions if action.dest == "command")
    assert set(COMMAND.findall(page.read_text())) <= set(known)


def test_pictures_of_the_store_page_are_beside_it():
    place = ROOT / "crm_plus" / "static" / "description"
    for name in re.findall(r'src="([^"]+)"', (place / "index.html").read_text()):
        assert (place / name).is_file(), name
