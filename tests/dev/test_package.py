"""What others need to install the add-ons is there, for each of them."""

import pytest

from devtools import addons, package
from devtools.common import ROOT

FOLDERS = addons.folders()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_add_on_can_be_built_by_pip(folder):
    assert 'build-backend = "whool.buildapi"' in (folder / "pyproject.toml").read_text()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_all_have_one_version_and_the_licence(folder):
    manifest = addons.manifest(folder)
    assert manifest["version"] == addons.manifest(ROOT / addons.MAIN)["version"]
    assert manifest["license"] == "LGPL-3"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_says_what_it_is_and_has_the_icon(folder):
    icon = folder / "static" / "description" / "icon.png"
    assert icon.read_bytes() == (ROOT / addons.MAIN / "static" / "description" / "icon.png").read_bytes()
    assert (folder / "readme" / "DESCRIPTION.md").read_text().strip()
    assert addons.manifest(folder)["summary"]


def test_the_requirements_beside_the_add_ons_are_those_of_their_manifests():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    written = {line for line in lines if line and not line.startswith("#")}
    needed = {
        name
        for folder in FOLDERS
        for name in addons.manifest(folder).get("external_dependencies", {}).get("python", ())
    }
    assert written == needed


def test_the_add_on_is_found_among_the_apps_and_what_goes_with_it_comes_by_itself():
    assert addons.manifest(ROOT / addons.MAIN)["application"] is True
    assert all(addons.manifest(folder).get("auto_install") for folder in FOLDERS if folder.name != addons.MAIN)


@pytest.mark.parametrize("name", ["README.md", "LICENSE", "requirements.txt", "CHANGELOG.md"])
def test_the_repository_has(name):
    assert (ROOT / name).is_file()


def test_what_has_to_travel_with_an_add_on():
    files = package.travelling(ROOT / addons.MAIN)
    assert {
        "__manifest__.py", "static/description/index.html", "static/description/icon.png", "readme/DESCRIPTION.md",
        "i18n/fa.po", "data/neutralize.sql", "migrations/19.0.2.0.0/shipped.json",
    } <= files  # fmt: skip
    assert not any("__pycache__" in path for path in files)
