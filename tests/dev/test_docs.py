"""What the documents point to is there."""

import re

import pytest

from devtools import bench, serve
from devtools.cli import parser
from devtools.common import ROOT

PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("**/*.md")),
    *sorted(ROOT.glob("crm_plus*/readme/*.md")),
]
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"\./dev ([a-z][\w-]*)")
# A command as it is written in a line of a block or between backticks, up to a remark.
WRITTEN = re.compile(r"(?:^|`)(?:[A-Z_]+=\S+ )?\./dev ([^`#\n]+)", re.MULTILINE)
# What stands for something that readers put in.
PLACEHOLDER = re.compile(r"^(\[?[A-Z]+\]?|\.\.\.|[\d.]+)$")


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


def words_of(page):
    """[word] of every command on a page, after `./dev`."""
    return [
        [word.strip("[]") for word in found.split() if not PLACEHOLDER.match(word)]
        for found in WRITTEN.findall(page.read_text())
    ]


def options_of(command):
    commands = next(action.choices for action in parser()._actions if action.dest == "command")
    return {option: action for action in commands[command]._actions for option in action.option_strings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_can_be_given_as_they_are_written(page):
    for command, *words in words_of(page):
        options = options_of(command)
        for place, word in enumerate(words):
            value = words[place + 1] if place + 1 < len(words) else None
            if command == "bench":
                benchmark = (ROOT / "benchmarks" / f"{words[0]}.py").read_text()
                shared = "".join(
                    (ROOT / "devtools" / name).read_text() for name in ("bench.py", "scripts/bench_run.py")
                )
                assert words[0] in bench.available(), words
                assert not word.startswith("--") or f'"{word}"' in benchmark + shared, words
            elif word.startswith("--") and command != "test":
                assert word in options, words
            if word in options and options[word].choices and value:
                assert value in options[word].choices, words
            if word == "--sample" and value:
                assert value in serve.samples(), words
            if "/" in word and "::" not in word and word.endswith((".py", ".md")):
                assert (ROOT / word).exists(), words


def test_what_is_written_wrong_is_found():
    assert words_of(ROOT / "docs" / "development.md")
    assert {"--sample", "--port", "--help"} <= options_of("serve").keys()
    assert WRITTEN.findall("A=1 ./dev test x.py # here\nSee `./dev bench NAME`, ./dev no") == [
        "test x.py ",
        "bench NAME",
    ]


def test_pictures_of_the_store_page_are_beside_it():
    place = ROOT / "crm_plus" / "static" / "description"
    for name in re.findall(r'src="([^"]+)"', (place / "index.html").read_text()):
        assert (place / name).is_file(), name
