"""The code in docs/api.md and docs/extend.md runs as it is written."""

import ast
import json
import re

import pytest
from lxml import etree

from devtools.common import ROOT

API, EXTEND = ((ROOT / "docs" / name).read_text() for name in ("api.md", "extend.md"))
CALL = re.compile(r'/json/2/([\w.]+)/(\w+)".*?-d \'(.*?)\'\n```', re.S)
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.S)


def calls():
    """(model, method, arguments, the answer that is shown) of every call in docs/api.md."""
    blocks = BLOCK.findall(API)
    for place, (kind, code) in enumerate(blocks):
        if kind == "sh" and (found := CALL.search(f"{code}```")):
            model, method, body = found.groups()
            yield model, method, json.loads(body), blocks[place + 1][1]


def blocks_of_extend(kind):
    """The blocks of docs/extend.md in a language."""
    return [code for name, code in BLOCK.findall(EXTEND) if name == kind]


@pytest.fixture
def admin(env):
    """The environment of the user whose key the examples use."""
    return env(user=env.ref("base.user_admin").id)


def test_interactions_are_sent_in_as_it_says(admin):
    model, method, arguments, shown = next(call for call in calls() if call[1] == "ingest")
    answer = getattr(admin[model], method)(**arguments)
    expected = json.loads(shown)
    assert [{**row, "id": bool(row["id"])} for row in answer] == [{**row, "id": bool(row["id"])} for row in expected]
    again = getattr(admin[model], method)(**arguments)
    assert again[0]["status"] == "unchanged"


def test_every_other_call_answers_with_the_fields_it_shows(admin):
    admin["crm.interaction"].create(
        {"partner_id": 15, "name": "Called", "direction": "in", "channel_id": admin.ref("crm_plus.channel_phone").id}
    )
    asked = [call for call in calls() if call[1] != "ingest"]
    assert {method for _model, method, _arguments, _shown in asked} == {"search_read", "timeline_page"}
    for model, method, arguments, shown in asked:
        answer = getattr(admin[model], method)(**arguments)
        rows = answer if isinstance(answer, list) else answer["rows"]
        assert rows, method
        named = set(re.findall(r'"(\w+)": ', shown))
        told = {*rows[0], *(answer if isinstance(answer, dict) else ())}
        assert set(rows[0]) <= named, method
        assert told <= named, method


def test_the_source_of_a_module_loads_and_waits_for_its_model(env):
    [code] = blocks_of_extend("xml")
    record = etree.fromstring(code)
    values = {field.get("name"): field.text for field in record if not field.get("ref")}
    values |= {field.get("name"): env.ref(field.get("ref")).id for field in record if field.get("ref")}
    source = env[record.get("model")].create(values)
    assert (source.state, source.error) == ("dormant", False)


def test_hooks_are_those_of_the_models(env):
    [code] = blocks_of_extend("python")
    [made] = [node for node in ast.parse(code).body if isinstance(node, ast.ClassDef)]
    inherit = next(node.value.value for node in made.body if isinstance(node, ast.Assign))
    methods = [node for node in made.body if isinstance(node, ast.FunctionDef)]
    assert methods
    for method in methods:
        assert hasattr(env[inherit], method.name)
    added = next(node for node in ast.walk(made) if isinstance(node, ast.Dict))
    known = {key for paths in env[inherit]._document_paths().values() for key in paths}
    for paths in ast.literal_eval(added).values():
        assert set(paths) <= known
