"""The picture of the house."""

import xml.etree.ElementTree as ElementTree

from devtools import addons, picture
from devtools.common import ROOT


def test_the_picture_in_the_docs_is_that_of_the_code():
    assert picture.PICTURE.read_text() == picture.drawn(ROOT / addons.MAIN), "./dev picture draws it anew"


def test_a_room_shows_what_is_in_it_and_what_it_leans_on(tmp_path):
    files = {
        "models/score/crm_rule.py": "from odoo import models\nfrom ...services.score import points\n"
        "class R(models.Model):\n    _name = 'crm.rule'\n",
        "models/loyalty/crm_tier.py": "from odoo import models\nfrom ..customer import x\n"
        "class T(models.Model):\n    _name = 'crm.tier'\n",
        "services/score/points.py": "from ...engine.prediction.parts import parts\n",
        "engine/prediction/parts.py": "",
    }
    for name, text in files.items():
        path = tmp_path / "crm_plus" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    svg = picture.drawn(tmp_path / "crm_plus")
    texts = [node.text for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    for expected in ("crm.rule", "crm.tier", "points", "parts", "→ models: customer", "→ engine: prediction"):
        assert expected in texts
    assert svg.count('class="line"') == 1, "from the models of score to its services"
