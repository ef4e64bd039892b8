"""Every way through the menus that a page describes, `*CRM > Sales > ...*`, is there under these names."""

import re

import pytest

from devtools.common import ROOT

PAGES = [
    ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("crm_plus*/readme/*.md"))
]  # fmt: skip
WAY = re.compile(r"\*([^*`|]+? > [^*`|]+?)\*")
# What the host has elsewhere than in its menus.
OF_THE_HOST = ("Actions", "Apps", "My Profile", "Dashboards")
BUTTONS_OF_THE_HOST = ("New",)
SETTINGS = "Settings"


def ways(text):
    """The words of each way on a page, however its lines are broken.

    >>> ways("See *CRM > Sales >" + chr(10) + "  Quotations*, *no way*.")
    [['CRM', 'Sales', 'Quotations']]
    """
    return [found.split(" > ") for found in WAY.findall(re.sub(r"\s+", " ", text))]


@pytest.fixture
def english(env):
    """An environment in the language of the pages."""
    return env(context={"lang": "en_US", "ir.ui.menu.full_list": True})


def children(menus, name):
    """The menus of a name right below some."""
    return menus.child_id.filtered(lambda menu: menu.name == name)


def is_button(env, name, menus):
    """Whether a button of that name is on what menus open: a view of a model, or a page of ours."""
    models = {menu.action.res_model for menu in menus if menu.action and menu.action._name == "ir.actions.act_window"}
    views = env["ir.ui.view"].search([("model", "in", sorted(models))])
    pages = ROOT.glob("crm_plus*/static/src/**/*.xml")
    texts = [*(view.arch for view in views), *(page.read_text() for page in pages)]
    return name in BUTTONS_OF_THE_HOST or any(re.search(f'>\\s*{name}\\s*<|"{name}"', text) for text in texts)


def missing(env, words):
    """The first word of a way that is not there; None when all are."""
    if words[0] == SETTINGS:
        arch = env["res.config.settings"].get_view(env.ref("base.res_config_settings_view_form").id, "form")["arch"]
        labels = [field["string"] for field in env["res.config.settings"].fields_get().values()]
        return next((word for word in words[1:] if f'"{word}"' not in arch and word not in labels), None)
    every = env["ir.ui.menu"].with_context(active_test=True).search([])
    menus = every.filtered(lambda menu: menu.name == words[0])
    for word in words[1:]:
        below = children(menus, word)
        if menus and not below and word == words[-1] and is_button(env, word, menus):
            return None
        menus = below
        if not menus:
            return word
    return None if menus else words[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_way_through_the_menus_is_there(english, page):
    for words in ways(page.read_text()):
        if words[0] not in OF_THE_HOST:
            assert missing(english, words) is None, " > ".join(words)


def test_what_is_written_wrong_is_found(english):
    assert missing(english, ["CRM", "Sales", "No such menu"]) == "No such menu"
    assert missing(english, ["No such app", "Sales"]) == "Sales"
    assert missing(english, ["Settings", "CRM", "No such setting"]) == "No such setting"
    assert missing(english, ["CRM", "Loyalty", "Segment map"]) is None
