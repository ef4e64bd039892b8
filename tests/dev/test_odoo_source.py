"""Where Odoo comes from, and what is said when it cannot be had."""

import pytest

from devtools import odoo_source
from devtools.common import DevError


@pytest.fixture(autouse=True)
def nothing_named(tmp_path, monkeypatch):
    monkeypatch.setenv("CRM_PLUS_DEV_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ODOO_HOME", raising=False)
    monkeypatch.delenv("ODOO_DEB", raising=False)
    monkeypatch.setattr(odoo_source.importlib.util, "find_spec", lambda name: None)


def checkout(place, version="19, 0"):
    for folder in ("odoo/addons/base", "addons/crm"):
        (place / folder).mkdir(parents=True)
    (place / "odoo" / "release.py").write_text(f"version_info = ({version}, 0, FINAL, 0, '')\n")
    return place


@pytest.mark.parametrize("named", [".", "odoo"])
def test_a_named_checkout_is_used_as_it_is(named, tmp_path, monkeypatch):
    place = checkout(tmp_path / "checkout")
    before = sorted(place.rglob("*"))
    monkeypatch.setenv("ODOO_HOME", str(place / named))
    found = odoo_source.find()
    assert found.site == place
    assert found.addons == (place / "addons", place / "odoo" / "addons")
    assert sorted(place.rglob("*")) == before


def test_an_odoo_of_another_version_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_HOME", str(checkout(tmp_path, "18, 0")))
    with pytest.raises(DevError, match=r"is not Odoo 19\.0: set ODOO_HOME"):
        odoo_source.find()


def test_a_folder_without_odoo_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    with pytest.raises(DevError, match="holds no Odoo: name the folder"):
        odoo_source.find()


def test_a_missing_package_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_DEB", str(tmp_path / "x.deb"))
    with pytest.raises(DevError, match="does not exist: name a copy"):
        odoo_source.find()


def test_a_broken_package_file_is_refused(tmp_path, monkeypatch):
    (tmp_path / "x.deb").write_text("half of it")
    monkeypatch.setenv("ODOO_DEB", str(tmp_path / "x.deb"))
    with pytest.raises(DevError, match="SHA-256 differs"):
        odoo_source.find()


def test_a_partial_download_is_fetched_again(tmp_path, monkeypatch):
    cache = tmp_path / "home" / "cache"
    cache.mkdir(parents=True)
    (cache / odoo_source.DEB_NAME).write_text("half")

    def download(suite, packages, into):
        assert suite == "sid"
        assert not (into / odoo_source.DEB_NAME).exists()
        (into / "odoo-19_whole.deb").write_text("whole")

    monkeypatch.setattr(odoo_source.apt, "download", download)
    monkeypatch.setattr(odoo_source, "SHA256", odoo_source.sha256(_file(tmp_path, "whole")))
    assert odoo_source._package().read_text() == "whole"


def test_another_version_in_the_archive_says_what_to_name(monkeypatch):
    monkeypatch.setattr(odoo_source.apt, "download", lambda suite, packages, into: None)
    with pytest.raises(DevError, match="name a copy by ODOO_DEB, or an Odoo 19 by ODOO_HOME"):
        odoo_source._package()


def _file(place, text):
    path = place / "reference"
    path.write_text(text)
    return path
