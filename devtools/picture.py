"""`./dev picture`: the floors and subjects of the add-on, drawn from its code into docs/house.svg.

A box is one subject on one floor and lists what is in it. It leans on the floors below of its own subject by an arrow;
all that it leans on stands at its foot.
"""

import argparse
import ast
from collections.abc import Iterator
from html import escape
from pathlib import Path

from devtools import addons, houserules
from devtools.common import ROOT, say

SUBJECTS = ("interaction", "customer", "loyalty", "score", "prediction", "kpi", "job")
PICTURE = ROOT / "docs" / "house.svg"
WIDTH, GAP, LEFT, TOP, LINE = 212, 18, 108, 70, 15
FLOOR_GAP = 46
COLORS = {"models": "#e7f5ff", "services": "#ebfbee", "engine": "#fff9db"}
SAYS = {"models": "what is stored,|who may see it", "services": "set-based|work in SQL", "engine": "pure|computation"}
HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-size="11.5">
  <title>The floors and subjects of CRM Plus</title>
  <defs>
    <marker id="tip" markerWidth="9" markerHeight="9" refX="8" refY="4.5" orient="auto">
      <path d="M0 0 L9 4.5 L0 9 z" fill="#495057"/>
    </marker>
    <style>
      text {{ font-family: DejaVu Sans, Arial, sans-serif; }}
      .box {{ stroke: #495057; }}
      .line {{ fill: none; stroke: #495057; stroke-width: 1.8; marker-end: url(#tip); }}
      .head {{ font-weight: bold; font-size: 14px; }}
      .small {{ fill: #495057; font-style: italic; }}
    </style>
  </defs>
  <rect width="{width}" height="{height}" fill="#fff"/>
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`./dev picture` has no options."""
    parser.set_defaults(call=lambda _options: write())


def write() -> int:
    """Draw the picture anew."""
    PICTURE.write_text(drawn(ROOT / addons.MAIN))
    say(f"drew {PICTURE.relative_to(ROOT)}")
    return 0


def drawn(addon: Path) -> str:
    """The picture of an add-on as SVG: the same code gives the same text."""
    floors = [floor for floor in reversed(houserules.FLOORS) if (addon / floor).is_dir()]
    rooms = {(floor, subject): _names(addon / floor / subject) for floor in floors for subject in SUBJECTS}
    leans = {room: _leans(addon, *room) for room in rooms}
    parts, y = [], TOP
    for floor in floors:
        tall = max(_height(rooms[floor, subject], leans[floor, subject]) for subject in SUBJECTS)
        parts.append(_label(floor, y))
        for column, subject in enumerate(SUBJECTS):
            x = LEFT + column * (WIDTH + GAP)
            if names := rooms[floor, subject]:
                parts.extend(_box(floor, x, y, tall, names, leans[floor, subject]))
                if any(place != floor and name == subject for place, name in leans[floor, subject]):
                    parts.append(_arrow(x, y + tall))
        y += tall + FLOOR_GAP
    width = LEFT + len(SUBJECTS) * (WIDTH + GAP)
    heads = [
        f'  <text class="head" x="{LEFT + column * (WIDTH + GAP) + 10}" y="{TOP - 22}">{subject}</text>'
        for column, subject in enumerate(SUBJECTS)
    ]
    return HEAD.format(width=width, height=y) + "\n".join([*heads, *parts]) + "\n</svg>\n"


def _names(folder: Path) -> list[str]:
    """What a room holds: models (ours, then those of the host that are extended), elsewhere modules and packages."""
    if not folder.is_dir():
        return []
    if folder.parent.name == "models":
        models = houserules.models_of(sorted(folder.glob("*.py")))
        return sorted({model.name for model in models}, key=lambda name: (not name.startswith("crm."), name))
    inside = [path for path in sorted(folder.iterdir()) if path.suffix == ".py" or (path / "__init__.py").is_file()]
    return [path.stem + ("/" if path.is_dir() else "") for path in inside if path.stem != "__init__"]


def _leans(addon: Path, floor: str, subject: str) -> list[tuple[str, str]]:
    """The other rooms that a room imports from, as (floor, subject)."""
    found = set()
    for path in sorted((addon / floor / subject).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            for target in houserules.imported(node, path, addon):
                words = target.split(".")
                if words[0] == addon.name and len(words) > 2 and words[2] in SUBJECTS:
                    found.add((words[1], words[2]))
    return sorted(
        found - {(floor, subject)}, key=lambda room: (houserules.FLOORS.index(room[0]), room[1]), reverse=True
    )


def _foot(floor: str, names: list[tuple[str, str]]) -> Iterator[str]:
    """The lines below a box: other subjects, on this floor and on those below."""
    for place in reversed(houserules.FLOORS):
        if subjects := [name for where, name in names if where == place]:
            yield f"→ {place}: {', '.join(subjects)}"


def _height(names: list[str], leans: list[tuple[str, str]]) -> int:
    feet = len(list(_foot("", leans)))
    return LINE * (len(names) + feet) + 18 + (6 if feet else 0) if names else 0


def _label(floor: str, y: int) -> str:
    first, second = SAYS[floor].split("|")
    return (
        f'  <text class="head" x="12" y="{y + 18}">{floor}</text>\n'
        f'  <text class="small" x="12" y="{y + 36}">{first}</text>\n'
        f'  <text class="small" x="12" y="{y + 51}">{second}</text>'
    )


def _box(floor: str, x: int, y: int, tall: int, names: list[str], leans: list[tuple[str, str]]) -> Iterator[str]:
    yield f'  <rect class="box" fill="{COLORS[floor]}" x="{x}" y="{y}" width="{WIDTH}" height="{tall}" rx="6"/>'
    for place, name in enumerate(names):
        yield f'  <text x="{x + 10}" y="{y + 19 + place * LINE}">{escape(name)}</text>'
    foot = list(_foot(floor, leans))
    for place, text in enumerate(foot):
        low = y + tall - 9 - (len(foot) - 1 - place) * LINE
        yield f'  <text class="small" x="{x + 10}" y="{low}">{escape(text)}</text>'


def _arrow(x: int, y: int) -> str:
    middle = x + WIDTH // 2
    return f'  <path class="line" d="M{middle} {y} V{y + FLOOR_GAP - 3}"/>'
