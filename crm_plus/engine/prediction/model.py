"""A trained predictor: whole-number points that add up, a probability on top, and a JSON form. Needs numpy.

Points are millionths of a logit (`UNIT`), stored and added as whole numbers, so a score *is* the sum of its
contributions, to the last digit: 693147 points more double the odds before calibration.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .binning import Bins
from .calibration import Calibration
from .features import Columns
from .pairs import COARSE, Pair
from .words import ENGLISH, Words

UNIT = 1e-6
FORMAT = 3


@dataclass(frozen=True, slots=True)
class Term:
    """One table of contributions: ``points[bin]``, and ``counts[bin]`` leads in training. ``errors[bin]`` is how sure
    the points are, a standard error; empty in versions that did not know it.

    ``features`` holds one name, or two for a pair, whose ``maps`` give the coarse bins of both (8 x 8 cells);
    ``level`` is the tag when the term is one tag of a tags feature (bins: absent, present).
    """

    features: tuple[str, ...]
    points: tuple[int, ...]
    counts: tuple[int, ...]
    level: str | None = None
    maps: tuple[tuple[int, ...], ...] = ()
    errors: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """What the term is called: its feature, or both joined by a multiplication sign."""
        return " × ".join(self.features)

    @property
    def strength(self) -> float:
        """Mean size of its contribution over the training leads, in logits."""
        sizes = (count * abs(point) for count, point in zip(self.counts, self.points, strict=True))
        return sum(sizes) * UNIT / max(sum(self.counts), 1)

    def to_json(self) -> dict:
        """A plain dictionary; `from_json` gives the same term back."""
        body = {"features": list(self.features), "points": list(self.points), "counts": list(self.counts)}
        errors = {"errors": list(self.errors)} if self.errors else {}
        return body | {"level": self.level, "maps": [list(coarse) for coarse in self.maps]} | errors

    @classmethod
    def from_json(cls, data: dict) -> "Term":
        """The term that `to_json` described."""
        maps = tuple(tuple(coarse) for coarse in data["maps"])
        points, counts, errors = (tuple(data.get(name, ())) for name in ("points", "counts", "errors"))
        return cls(tuple(data["features"]), points, counts, data["level"], maps, errors)


@dataclass(frozen=True, slots=True)
class Training:
    """What the model learned from: how many leads, and how their scores were spread.

    ``score_cuts`` (logits) split them into tenths with ``score_counts`` leads each: the reference for drift.
    """

    won: int
    lost: int
    score_cuts: tuple[float, ...]
    score_counts: tuple[int, ...]

    def to_json(self) -> dict:
        """A plain dictionary."""
        spread = {"score_cuts": list(self.score_cuts), "score_counts": list(self.score_counts)}
        return {"won": self.won, "lost": self.lost} | spread

    @classmethod
    def from_json(cls, data: dict) -> "Training":
        """The summary that `to_json` described."""
        return cls(data["won"], data["lost"], tuple(data["score_cuts"]), tuple(data["score_counts"]))


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of n leads: ``points`` (n,) whole numbers, ``probability`` (n,) from 0 to 1, and their parts.

    ``contributions`` (n, terms) are whole numbers; ``intercept + contributions.sum(axis=1) == points`` exactly.
    """

    points: np.ndarray
    probability: np.ndarray
    contributions: np.ndarray
    intercept: int

    @property
    def logits(self) -> np.ndarray:
        """The scores as logits, before calibration."""
        return self.points * UNIT


@dataclass(frozen=True, slots=True)
class ScoreModel:
    """An additive predictor: bins of its features, terms over them, an intercept (points) and a calibration."""

    bins: tuple[Bins, ...]
    terms: tuple[Term, ...]
    intercept: int
    calibration: Calibration
    training: Training

    def codes(self, columns: Columns) -> dict[str, np.ndarray]:
        """The bin of each lead in each feature. Raises KeyError, naming the feature, when a column is missing."""
        return {item.feature.name: item.codes(columns[item.feature.name]) for item in self.bins}

    def cells(self, codes: dict[str, np.ndarray]) -> Iterable[np.ndarray]:
        """The bin of each lead in each term, in the order of ``terms``."""
        levels = {item.feature.name: item.levels for item in self.bins}
        for term in self.terms:
            first = codes[term.features[0]]
            if term.maps:
                yield Pair(0, 1, *term.maps).codes(first, codes[term.features[1]])
            elif term.level is not None:
                yield first[:, levels[term.features[0]].index(term.level)]
            else:
                yield first

    def score(self, columns: Columns) -> Scores:
        """Score leads given as columns; a lead's score depends on its own values only."""
        return self.score_codes(self.codes(columns), _length(columns))

    def score_codes(self, codes: dict[str, np.ndarray], leads: int) -> Scores:
        """Score leads given by the bins that `codes` returns."""
        parts = np.zeros((leads, len(self.terms)), dtype=np.int64, order="F")
        for place, (term, cell) in enumerate(zip(self.terms, self.cells(codes), strict=True)):
            parts[:, place] = np.array(term.points, dtype=np.int64)[cell]
        points = parts.sum(axis=1) + self.intercept
        return Scores(points, self.calibration.apply(points * UNIT), parts, self.intercept)

    def labels(self, term: Term, words: Words = ENGLISH) -> tuple[str, ...]:
        """What each bin of a term is called."""
        named = {item.feature.name: item for item in self.bins}
        if term.level is not None:
            tag = words.level(term.features[0], term.level)
            return (words.without(tag), tag)
        if not term.maps:
            return named[term.features[0]].labels(words)
        pairs = zip(term.features, term.maps, strict=True)
        first, second = (named[name].coarse_labels(coarse, words) for name, coarse in pairs)
        places = range(COARSE)
        return tuple(words.both(first.get(i, "-"), second.get(j, "-")) for i in places for j in places)

    def strengths(self) -> dict[str, float]:
        """Mean size of the contribution of each feature or pair over the training leads (logits), strongest first."""
        total: dict[str, float] = {}
        for term in self.terms:
            total[term.name] = total.get(term.name, 0.0) + term.strength
        return dict(sorted(total.items(), key=lambda item: -item[1]))

    def to_json(self) -> dict:
        """A plain dictionary for ``json.dumps``; `from_json` gives an equal model back."""
        return {
            "format": FORMAT,
            "unit": UNIT,
            "intercept": self.intercept,
            "features": [item.to_json() for item in self.bins],
            "terms": [term.to_json() for term in self.terms],
            "calibration": self.calibration.to_json(),
            "training": self.training.to_json(),
        }

    @classmethod
    def from_json(cls, data: dict) -> "ScoreModel":
        """The model that `to_json` described. Raises ValueError for a format of a later version."""
        if data["format"] != FORMAT:
            raise ValueError(f"This model has format {data['format']}, expected {FORMAT}: train it again.")
        return cls(
            tuple(Bins.from_json(item) for item in data["features"]),
            tuple(Term.from_json(item) for item in data["terms"]),
            data["intercept"],
            Calibration.from_json(data["calibration"]),
            Training.from_json(data["training"]),
        )


def _length(columns: Columns) -> int:
    values: Sequence = next(iter(columns.values()))
    return len(values)
