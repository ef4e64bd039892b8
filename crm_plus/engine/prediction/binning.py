"""Raw columns to small whole numbers: every value of a feature falls into one bin. Needs numpy.

Numeric: ``cuts`` in ascending order make ``len(cuts) + 1`` ordered bins (a value equal to a cut lies below it),
then one bin for missing values. Category: bin 0 for values that were rare or unknown when learning, then one bin
a level, then one for missing values. Tags: one yes/no pair a level.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat

import numpy as np

from .coded import coded, numbers
from .cuts import round_cuts
from .features import Feature, is_missing, level_key
from .words import ENGLISH, Words


@dataclass(frozen=True, slots=True)
class Bins:
    """The bins of one feature: ``cuts`` when it is numeric, else ``levels``.

    ``least`` is the smallest number met when learning, if all were whole ones.

    >>> Bins(Feature("visits", "numeric"), cuts=(2.0, 5.0), least=0).labels()
    ('up to 2', '3 to 5', '6 or more', '(empty)')
    >>> Bins(Feature("source", "category"), levels=("Web",)).labels()
    ('(other)', 'Web', '(empty)')
    """

    feature: Feature
    cuts: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    least: int | None = None

    @property
    def ordered(self) -> int:
        """How many of the first bins follow one another, 0 when they have no order."""
        return len(self.cuts) + 1 if self.feature.kind == "numeric" else 0

    @property
    def size(self) -> int:
        """How many bins there are, those for other and missing values included."""
        return self.ordered + 1 if self.ordered else len(self.levels) + 2

    def labels(self, words: Words = ENGLISH) -> tuple[str, ...]:
        """What each bin is called."""
        name, kind = self.feature.name, self.feature.kind
        if kind == "numeric":
            known = [self._range(low, high, words) for low, high in pairwise((None, *self.cuts, None))]
        elif kind in ("boolean", "presence"):
            known = [words.other(), words.no(), words.yes()]
        else:
            known = [words.other(), *(words.level(name, level) for level in self.levels)]
        return (*known, words.empty(name))

    def codes(self, values: Sequence) -> np.ndarray:
        """The bin of each value, shape (n,); for tags a yes/no matrix, shape (n, levels)."""
        if self.feature.kind == "numeric":
            return _numeric_codes(numbers(values), self.cuts)
        column = coded(values)
        if self.feature.kind == "tags":
            return _tag_matrix(column.values, self.levels)[column.places]
        bins = map(self._code, column.values, repeat(self._places()))
        return np.fromiter(bins, code_type(len(self.levels) + 2), len(column.values))[column.places]

    def coarse_labels(self, coarse: tuple[int, ...], words: Words = ENGLISH) -> dict[int, str]:
        """What each coarse bin is called, when ``coarse`` gives the coarse bin of every bin.

        >>> Bins(Feature("visits", "numeric"), cuts=(2.0, 5.0)).coarse_labels((0, 0, 4, 7))
        {0: 'up to 5', 4: 'over 5', 7: '(empty)'}
        """
        labels = self.labels(words)
        members: dict[int, list[int]] = {}
        for code, place in enumerate(coarse):
            members.setdefault(place, []).append(code)
        return {
            place: labels[codes[0]] if len(codes) == 1 else self._joined_label(codes, words)
            for place, codes in members.items()
        }

    def _joined_label(self, codes: list[int], words: Words) -> str:
        if not self.ordered:
            return words.other()
        low, high = codes[0], codes[-1]
        ends = (self.cuts[low - 1] if low else None, self.cuts[high] if high < len(self.cuts) else None)
        return self._range(*ends, words)

    def _range(self, low: float | None, high: float | None, words: Words) -> str:
        return words.range(low, high) if self.least is None else words.whole_range(low, high, self.least)

    def to_json(self) -> dict:
        """A plain dictionary; `from_json` gives the same bins back."""
        numeric = {"cuts": list(self.cuts), "least": self.least}
        body = numeric if self.feature.kind == "numeric" else {"levels": list(self.levels)}
        return {"name": self.feature.name, "kind": self.feature.kind, **body}

    @classmethod
    def from_json(cls, data: dict) -> "Bins":
        """The bins that `to_json` described."""
        feature = Feature(data["name"], data["kind"])
        return cls(feature, tuple(data.get("cuts", ())), tuple(data.get("levels", ())), data.get("least"))

    def _places(self) -> dict[str, int]:
        return {level: code for code, level in enumerate(self.levels, start=1)}

    def _code(self, value, places: dict[str, int]) -> int:
        if self.feature.kind == "presence":
            return 1 if is_missing(value) or value is False else 2
        return len(places) + 1 if is_missing(value) else places.get(level_key(value), 0)


def learn_bins(feature: Feature, values: Sequence, *, max_bins=32, max_levels=64, min_count=5) -> Bins:
    """Bins for one feature as its values are distributed in the training leads.

    Numeric features get at most ``max_bins`` bins of about the same number of leads (see `cuts`); categories and tags
    keep the ``max_levels`` most frequent levels that occur at least ``min_count`` times.

    >>> learn_bins(Feature("visits", "numeric"), [0, 0, 1, 3, None]).labels()
    ('0', '1 to 2', '3 or more', '(empty)')
    >>> learn_bins(Feature("source", "category"), ["Web"] * 5 + ["Fair"]).levels
    ('Web',)
    """
    if feature.kind == "numeric":
        known = numbers(values)
        known = known[np.isfinite(known)]
        whole = len(known) and (known == np.floor(known)).all()
        return Bins(feature, cuts=round_cuts(known, max_bins), least=int(known.min()) if whole else None)
    if feature.kind in ("boolean", "presence"):
        return Bins(feature, levels=("0", "1"))
    counts = Counter()
    for value, leads in coded(values).counts():
        for key in _level_keys(feature, value):
            counts[key] += leads
    frequent = [(-count, level) for level, count in counts.items() if count >= min_count]
    return Bins(feature, levels=tuple(level for _, level in sorted(frequent)[:max_levels]))


def code_type(bins: int) -> np.dtype:
    """The smallest type that holds the numbers of so many bins."""
    return np.min_scalar_type(bins - 1)


def _numeric_codes(values: np.ndarray, cuts: tuple[float, ...]) -> np.ndarray:
    codes = np.searchsorted(np.array(cuts), values, side="left")
    codes[np.isnan(values)] = len(cuts) + 1
    return codes.astype(code_type(len(cuts) + 2))


def _level_keys(feature: Feature, value) -> set[str]:
    if feature.kind == "tags":
        return _tag_keys(value)
    return set() if is_missing(value) else {level_key(value)}


def _tag_keys(tags) -> set[str]:
    return {level_key(tag) for tag in tags} if tags is not None and tags == tags and tags is not False else set()


def _tag_matrix(values: Sequence, levels: tuple[str, ...]) -> np.ndarray:
    place = {level: column for column, level in enumerate(levels)}
    matrix = np.zeros((len(values), len(levels)), dtype=np.uint8)
    for row, tags in enumerate(values):
        for key in _tag_keys(tags) & place.keys():
            matrix[row, place[key]] = 1
    return matrix
