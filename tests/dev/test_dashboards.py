"""The spreadsheets that ship are those that are laid out here."""

import json

from devtools import dashboards


def test_the_files_are_current():
    for path, text in dashboards.files().items():
        assert path.read_text() == text, "./dev dashboards writes them anew"


def test_nothing_lies_upon_something_else():
    for text in dashboards.files().values():
        figures = json.loads(text)["sheets"][0]["figures"]
        boxes = [(one["offset"]["x"], one["offset"]["y"], one["width"], one["height"]) for one in figures]
        for number, (x, y, width, height) in enumerate(boxes):
            for left, top, wide, high in boxes[number + 1 :]:
                assert x + width <= left or left + wide <= x or y + height <= top or top + high <= y
