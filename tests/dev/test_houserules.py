"""The rules of the house: each is broken here once, and kept once."""

import shutil

import pytest

from devtools import houserules

MODEL = 'from odoo import fields, models\n\n\nclass X(models.Model):\n    _name = "{name}"\n{body}'
EXTENSION = 'from odoo import fields, models\n\n\nclass X(models.Model):\n    _inherit = "{name}"\n{body}'
HOOKS = "| method | of | |\n|---|---|---|\n| `_hook(row, day)` | `crm.thing` | do more |\n"


@pytest.fixture
def house(tmp_path):
    """A repository with one add-on that keeps all rules; `write` adds files (name, text, name, text, ...)
    and gives the complaints."""
    files = {
        "crm_plus/__manifest__.py": "{}\n",
        "crm_plus/models/score/crm_thing.py": MODEL.format(
            name="crm.thing",
            body="    note_text = fields.Char(string='Note')\n\n    def _hook(self, row, day):\n        pass\n",
        ),
        "crm_plus/tests/__init__.py": "from .score import test_thing\n",
        "crm_plus/tests/score/test_thing.py": "",
        "docs/extend.md": HOOKS,
    }

    def write(*changed):
        shutil.rmtree(tmp_path)
        for path, content in {**files, **dict(zip(changed[::2], changed[1::2], strict=True))}.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(content)
        paths = sorted(path for path in tmp_path.rglob("*") if path.is_file())
        return houserules.complaints(tmp_path, ["crm_plus"], paths)

    return write


def test_a_house_in_order_has_no_complaints(house):
    assert house() == []


@pytest.mark.parametrize("folder", ["score", "loyalty"])
def test_a_model_of_ours_lies_in_one_file(house, folder):
    found = house(f"crm_plus/models/{folder}/crm_thing_more.py", EXTENSION.format(name="crm.thing", body=""))
    assert any("crm.thing is ours and lies in crm_thing.py" in line for line in found)


def test_a_model_of_ours_is_not_extended_beside_a_mixin_either(house):
    text = EXTENSION.format(name="crm.thing", body="").replace('"crm.thing"', '["mail.thread", "crm.thing"]')
    assert house("crm_plus/models/score/mail_thread.py", text + '    _name = "crm.thing"\n')
    text = MODEL.format(name="crm.other", body='    _inherit = ["crm.thing"]\n')
    assert house("crm_plus/models/score/crm_other.py", text) == []


def test_a_model_of_the_host_is_extended_once_a_subject(house):
    text = EXTENSION.format(name="crm.lead", body="")
    assert house("crm_plus/models/score/crm_lead.py", text) == []
    found = house("crm_plus/models/score/crm_lead.py", text, "crm_plus/models/score/crm_lead_more.py", text)
    assert any("crm.lead is extended in crm_lead.py as well" in line for line in found)


@pytest.mark.parametrize("call", ['self.env["x"].create({})', "self.sudo().write({})", "self.unlink()"])
@pytest.mark.parametrize("name", ["_compute_note", "_search_note"])
def test_what_is_called_by_reading_does_not_write(house, name, call):
    body = f"    def {name}(self):\n        return {call}\n"
    found = house("crm_plus/models/score/crm_place.py", MODEL.format(name="crm.place", body=body))
    assert any(f"{name} is called by reading" in line for line in found)
    body = f"    def _keep(self):\n        return {call}\n"
    assert house("crm_plus/models/score/crm_place.py", MODEL.format(name="crm.place", body=body)) == []


def test_a_mixin_says_nothing_that_no_model_takes_over(house):
    text = MODEL.format(name="crm.place", body="    _log_access = False\n")
    assert house("crm_plus/models/score/crm_place.py", text) == []
    found = house("crm_plus/models/score/crm_place.py", text.replace("models.Model", "models.AbstractModel"))
    assert any("_log_access of a mixin" in line for line in found)


def test_a_file_bears_the_name_of_its_model(house):
    found = house("crm_plus/models/score/other.py", MODEL.format(name="crm.place", body=""))
    assert found == ["crm_plus/models/score/other.py:4: holds crm.place, so it is named crm_place.py"]


@pytest.mark.parametrize(
    ("place", "statement"),
    [
        ("engine/score/rules.py", "from odoo import fields"),
        ("engine/score/rules.py", "def late():\n    import odoo.tools"),
        ("engine/score/rules.py", "from ...services import sql"),
        ("engine/score/rules.py", "from crm_plus.models.score import crm_thing"),
        ("services/score/points.py", "from ...models.score.crm_thing import X"),
        ("services/score/points.py", "from ...wizard import log"),
        ("services/score/points.py", "from odoo.addons.crm_plus.models import score"),
        ("models/score/crm_thing.py", "from ...wizard.log import CHOICES"),
        ("models/score/crm_thing.py", "from ... import wizard"),
        ("models/score/crm_thing.py", "from odoo.addons.crm_plus_loyalty.models import crm_tier"),
    ],
)
def test_imports_never_lead_up(house, place, statement):
    assert len(house(f"crm_plus/{place}", f"{statement}\n")) >= 1


@pytest.mark.parametrize(
    ("place", "statement"),
    [
        ("engine/score/rules.py", "from ..checks import choice"),
        ("services/score/points.py", "from ...engine.score import rules\nfrom odoo.tools import SQL"),
        ("wizard/log.py", "from ..models.score.crm_thing import X\nfrom ..services import sql"),
        ("tests/score/test_thing.py", "from ...models.score import crm_thing"),
    ],
)
def test_imports_lead_down(house, place, statement):
    assert house(f"crm_plus/{place}", f"{statement}\n") == []


@pytest.mark.parametrize(
    "declaration",
    [
        "backfill_next = fields.Integer()",
        "res_id = fields.Many2oneReference(model_field='model')",
        "can_edit = fields.Boolean(compute='_compute_can_edit')",
        "crm_plus_until_id = fields.Many2one('crm.lead', required=True)",
        "other_line_ids = fields.One2many('crm.line', 'thing_id')",
        "auc = fields.Float(help='From 0 to 1')",
        "pa = fields.Float()",
    ],
)
def test_a_field_has_a_label(house, declaration):
    found = house("crm_plus/models/score/crm_place.py", MODEL.format(name="crm.place", body=f"    {declaration}\n"))
    assert len(found) == 1
    assert found[0].endswith("has no label; say string=")


@pytest.mark.parametrize(
    "declaration",
    [
        "backfill_next = fields.Integer('Next')",
        "kind_of = fields.Selection([('a', 'A')], string='Kind')",
        "lead_id = fields.Many2one('crm.lead', required=True)",
        "line_ids = fields.One2many('crm.line', 'thing_id')",
        "score = fields.Float(help='From 0 to 100')",
        "lead_id = fields.Many2one('crm.lead', 'Lead')",
        "line_ids = fields.One2many('crm.line', 'thing_id', 'Lines')",
        "currency = fields.Char(related='company_id.name')",
        "company_id = fields.Many2one('res.company')",
        "CHOICES = dict()",
    ],
)
def test_a_label_that_is_there_is_seen(house, declaration):
    assert (
        house("crm_plus/models/score/crm_place.py", MODEL.format(name="crm.place", body=f"    {declaration}\n")) == []
    )


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("_hook(row, day)", "_gone(row)", "crm.thing has no method _gone"),
        ("_hook(row, day)", "_hook(row)", "_hook of crm.thing takes row, day"),
        ("`crm.thing`", "`crm.thing`, `crm.lead`", "crm.lead has no method _hook"),
    ],
)
def test_a_hook_that_is_promised_exists(house, old, new, what):
    assert house("docs/extend.md", HOOKS.replace(old, new)) == [f"docs/extend.md:3: {what}"]


def test_a_hook_may_stand_in_a_mixin(house):
    mixin = MODEL.format(name="crm.mixin", body="    def _hook(self, row, day):\n        pass\n")
    heir = mixin.replace("crm.mixin", "crm.thing").split("    def")[0] + '    _inherit = ["crm.mixin"]\n'
    assert house("crm_plus/models/score/crm_mixin.py", mixin, "crm_plus/models/score/crm_thing.py", heir) == []
    assert house("crm_plus/models/score/crm_thing.py", heir) == ["docs/extend.md:3: crm.thing has no method _hook"]


def test_odoos_own_run_sees_every_test(house):
    found = house("crm_plus/tests/score/test_more.py", "")
    assert found == [
        "crm_plus/tests/score/test_more.py:1: crm_plus/tests/__init__.py does not name it: only pytest would run it"
    ]


@pytest.mark.parametrize("name", ["crm_plus/engine/long.py", "crm_plus/static/src/long.js", "crm_plus/views/long.xml"])
def test_a_file_ends_at_800_lines(house, name):
    assert house(name, "\n" * 800) == []
    assert house(name, "\n" * 801) == [f"{name}:800: 801 lines; give a class or functions to services/ or engine/"]


def test_a_silenced_finding_has_a_reason(house):
    name = "crm_plus/engine/quiet.py"
    assert house(name, "x = 1  # noqa: E501\n") == [f"{name}:1: silences a finding; say why beside it"]
    assert house(name, "x = 1  # noqa: E501 - one link\n") == []
    assert house(name, "# one link\nx = 1  # noqa: E501\n") == []
    assert len(house(name, "x = 1  # pylint: disable=sql-injection\n")) == 1


def test_a_page_names_files_that_exist(house):
    assert house("docs/use.md", "`models/score/crm_thing.py` and `models/score/`\n") == []
    assert house("docs/use.md", "`models/score/crm_gone.py`\n") == [
        "docs/use.md:1: there is no models/score/crm_gone.py"
    ]
