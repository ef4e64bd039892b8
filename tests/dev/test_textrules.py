"""What must not stand in the repository."""

import pytest

from devtools import textrules

GOOD = '<?xml version="1.0" encoding="utf-8"?>\n<odoo>\n    <record id="x" model="y"/>\n</odoo>\n'


def test_well_formed_and_indented_xml_is_good():
    assert list(textrules.xml_complaints(GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("</odoo>", "", "1: not well-formed|:.*not well-formed|not well-formed"),
        ("    <record", "\t<record", "a tab"),
        ("<odoo>\n", "<odoo> \n", "white space at the end"),
        ("    <record", "   <record", "indented by 3 spaces"),
        ("</odoo>\n", "</odoo>", "no line end"),
    ],
)
def test_bad_xml_is_named(old, new, complaint):
    found = list(textrules.xml_complaints(GOOD.replace(old, new)))
    assert any(part in line for line in found for part in complaint.split("|"))


def test_a_registry_host_and_a_machines_path_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(textrules, "ROOT", tmp_path)
    (tmp_path / "x.md").write_text(
        f"get it from {textrules.HOSTS[0]}\nlook in {'/' + 'home'}/anna/odoo\nfine ~/home/x\n"
    )
    found = textrules.complaints([tmp_path / "x.md"])
    assert [line.split(":")[1] for line in found] == ["1", "2"]


def test_a_script_that_does_not_parse_is_named(tmp_path, monkeypatch):
    if not textrules.shutil.which("node"):
        pytest.skip("node is not installed")
    monkeypatch.setattr(textrules, "ROOT", tmp_path)
    (tmp_path / "good.js").write_text('import { x } from "@web/x";\nexport const y = x?.z;\n')
    (tmp_path / "bad.js").write_text("export const = 1;\n")
    found = textrules.complaints([tmp_path / "good.js", tmp_path / "bad.js"])
    assert len(found) == 1
    assert found[0].startswith("bad.js: SyntaxError")
