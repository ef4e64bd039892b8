"""Why a lead has its score, as JSON that adds up, and what would raise it most. Needs numpy."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from .binning import MISSING, OTHER
from .features import Columns
from .model import ScoreModel, Scores

CHUNK = 8192


def explanations(model: ScoreModel, columns: Columns) -> Iterator[tuple[Scores, list[str]]]:
    """Scores with one JSON text a lead, in chunks of at most 8,192 leads in the given order (bounded memory).

    ``{"score": points, "intercept": points, "parts": [[feature, value, points], ...]}``: whole millionths of a logit,
    largest part first, parts of zero left out; ``intercept`` plus all parts is ``score`` exactly.
    """
    pieces = [_pieces(model, place) for place in range(len(model.terms))]
    for scores, cells in _chunks(model, columns):
        yield scores, _texts(scores, cells, pieces)


def compact(model: ScoreModel, columns: Columns) -> Iterator[tuple[Scores, list[str]]]:
    """Scores with the bin of each lead in each term, two hexadecimal digits a term, in chunks like `explanations`.

    Together with the model that is the whole explanation in a tenth of the space: `vocabulary` says what each bin of
    each term is called and gives, `parts` reads it.
    """
    for scores, cells in _chunks(model, columns):
        if cells.max(initial=0) > 255:
            raise ValueError("A compact explanation holds at most 256 bins a term.")
        text, width = cells.astype(np.uint8).tobytes().hex(), 2 * cells.shape[1]
        yield scores, [text[start : start + width] for start in range(0, len(text), width)]


def _chunks(model: ScoreModel, columns: Columns) -> Iterator[tuple[Scores, np.ndarray]]:
    """Scores and the bin of each lead in each term, shape (n, terms)."""
    codes = model.codes(columns)
    total = len(next(iter(codes.values())))
    for low in range(0, total, CHUNK):
        part = {name: bins[low : low + CHUNK] for name, bins in codes.items()}
        yield model.score_codes(part, min(CHUNK, total - low)), np.column_stack(list(model.cells(part)))


def vocabulary(model: ScoreModel) -> list:
    """``[[term, [[label, points] of each bin]]]`` in the order of the terms: plain data that reads `compact` texts."""
    return [
        [term.name, [list(pair) for pair in zip(model.labels(term), term.points, strict=True)]] for term in model.terms
    ]


def explain(model: ScoreModel, columns: Columns) -> list[dict]:
    """The explanation of each lead as a dictionary (see `explanations`)."""
    return [json.loads(text) for _, texts in explanations(model, columns) for text in texts]


def _pieces(model: ScoreModel, place: int) -> list[str]:
    """The JSON of a term's contribution in each of its bins, empty where it contributes nothing."""
    term = model.terms[place]
    return [
        json.dumps([term.name, label, points], ensure_ascii=False) if points else ""
        for label, points in zip(model.labels(term), term.points, strict=True)
    ]


def _texts(scores: Scores, cells: np.ndarray, pieces: list[list[str]]) -> list[str]:
    order = np.argsort(-np.abs(scores.contributions), axis=1, kind="stable").tolist()
    texts = []
    for points, places, bins in zip(scores.points.tolist(), order, cells.tolist(), strict=True):
        parts = ", ".join(filter(None, [pieces[place][bins[place]] for place in places]))
        texts.append(f'{{"score": {points}, "intercept": {scores.intercept}, "parts": [{parts}]}}')
    return texts


@dataclass(frozen=True, slots=True)
class Improvement:
    """One thing that would raise a lead's score: the value now, the best other value, and what it is worth.

    ``gain`` is in points (millionths of a logit); the probabilities (0 to 1) are before and after.
    """

    feature: str
    current: str
    suggested: str
    gain: int
    before: float
    after: float


def improvements(model: ScoreModel, columns: Columns, actionable: Iterable[str]) -> list[list[Improvement]]:
    """For each lead, the best other value of each *actionable* feature that raises its score, best first.

    ``actionable`` names the features people can change; those the model does not use are ignored. Only values seen in
    training are suggested, never an empty one, and combinations with other fields are part of the gain.
    """
    wanted = [item for item in model.bins if item.feature.name in set(actionable)]
    codes = model.codes(columns)
    leads = len(next(iter(codes.values())))
    return [_lead_improvements(model, codes, row, wanted) for row in range(leads)]


def _lead_improvements(model: ScoreModel, codes: dict, row: int, wanted) -> list[Improvement]:
    own = {name: bins[row : row + 1] for name, bins in codes.items()}
    now = model.score_codes(own, 1)
    found = []
    for item in wanted:
        best = _best_alternative(model, own, item)
        if best and best[0] > now.points[0]:
            gain, after = best[0] - int(now.points[0]), best[1]
            found.append(Improvement(item.feature.name, best[3], best[2], gain, float(now.probability[0]), after))
    return sorted(found, key=lambda improvement: (-improvement.gain, improvement.feature))


def _best_alternative(model: ScoreModel, own: dict, item) -> tuple[int, float, str, str] | None:
    """(points, probability, suggested label, current label) of the best other bin, None when there is none."""
    name, labels = item.feature.name, item.labels
    if item.feature.kind == "tags":
        choices = [place for place in range(len(item.levels)) if not own[name][0, place]]
        tried = np.repeat(own[name], len(choices), axis=0)
        tried[np.arange(len(choices)), choices] = 1
        names, current = [f"add {item.levels[place]}" for place in choices], ""
    else:
        seen = {t.features[0]: t.counts for t in model.terms if len(t.features) == 1}.get(name, ())
        bad = (MISSING, OTHER)
        choices = [b for b, count in enumerate(seen) if count and labels[b] not in bad and b != own[name][0]]
        tried = np.array(choices, dtype=np.int32)
        names, current = [labels[b] for b in choices], labels[own[name][0]]
    if not choices:
        return None
    others = {other: np.repeat(bins, len(choices), axis=0) for other, bins in own.items()} | {name: tried}
    scores = model.score_codes(others, len(choices))
    best = int(np.argmax(scores.points))
    return int(scores.points[best]), float(scores.probability[best]), names[best], current
