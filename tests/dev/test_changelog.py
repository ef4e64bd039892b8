"""Every change that users notice is told once, under its version."""

from devtools import changelog


def test_fragments_come_under_the_version_on_top():
    text = changelog.collected("# Changes\n\n## 1.0\n\n- Old\n", "2.0", ["- New"])
    assert text == "# Changes\n\n## 2.0\n\n- New\n\n## 1.0\n\n- Old\n"


def test_later_fragments_come_under_the_same_version():
    text = changelog.collected("# Changes\n\n## 2.0\n\n- New\n\n## 1.0\n\n- Old\n", "2.0", ["- Newer", "- Newest"])
    assert text == "# Changes\n\n## 2.0\n\n- New\n- Newer\n- Newest\n\n## 1.0\n\n- Old\n"


def test_nothing_to_tell_changes_nothing():
    assert changelog.collected("# Changes\n", "2.0", []) == "# Changes\n"


def test_the_fragments_that_wait_are_lists():
    for path in changelog.FRAGMENTS.glob("*.md"):
        assert changelog.fragment_text(path)
