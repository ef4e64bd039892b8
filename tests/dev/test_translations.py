"""Translated pages know which English page they are of, and whether that is another one by now."""

import re

import pytest

from devtools import translations
from devtools.common import ROOT, DevError


@pytest.fixture
def site(tmp_path):
    """A site with one page."""
    (tmp_path / "docs" / "fa").mkdir(parents=True)
    (tmp_path / "docs" / "use.md").write_text("# Use\n")
    return tmp_path


def test_a_page_is_older_once_its_english_page_has_changed(site):
    page = translations.marked("<!-- docs/use.md 000000000000 -->\n\n# کاربرد\n", site)
    assert page.endswith("# کاربرد\n")
    assert not translations.is_older(page, site)
    (site / "docs" / "use.md").write_text("# Use\n\nMore.\n")
    assert translations.is_older(page, site)
    assert not translations.is_older(translations.marked(page, site), site)


@pytest.mark.parametrize("text", ["# No mark\n", "<!-- docs/gone.md 000000000000 -->\n", "<!-- docs/use.md 1 -->\n"])
def test_a_page_without_a_mark_is_refused(site, text):
    with pytest.raises(DevError):
        translations.is_older(text, site)


def test_every_translated_page_of_this_project_has_one():
    found = translations.pages()
    assert {path.name for path in found} >= {"README.md", "install.md"}
    for path in found:
        translations.is_older(path.read_text(), ROOT)


HEADING, ROW = re.compile(r"^#+ ", re.M), re.compile(r"^\| ", re.M)


@pytest.mark.parametrize("path", translations.pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_translated_page_has_every_heading_and_row_of_its_english_page(path):
    text = path.read_text()
    english = (ROOT / translations.FIRST_LINE.match(text).group(1)).read_text()
    for what in (HEADING, ROW):
        assert len(what.findall(text)) == len(what.findall(english)), what.pattern
