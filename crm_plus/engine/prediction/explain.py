"""Why a lead has its score, as JSON that adds up. Needs numpy."""

import json
from collections.abc import Iterator

import numpy as np

from .features import Columns
from .model import ScoreModel, Scores
from .words import ENGLISH, Words

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


def vocabulary(model: ScoreModel, words: Words = ENGLISH) -> list:
    """``[[term, [[label, points] of each bin]]]`` in the order of the terms: plain data that reads `compact` texts."""
    return [
        [term.name, [list(pair) for pair in zip(model.labels(term, words), term.points, strict=True)]]
        for term in model.terms
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
