"""What a lead's probability would be after something people can do about it. Needs numpy."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .binning import Bins
from .features import Columns
from .model import ScoreModel

SURE = 2.3
SOME = object()
"""A value, whichever: the leads of the training that had one stand for it, each bin by its share among them."""


@dataclass(frozen=True, slots=True)
class Improvement:
    """One thing that would raise a lead's probability (0 to 1), with what it is now and what it would be; ``sure`` is
    how many standard errors of it the step is worth."""

    key: str
    before: float
    after: float
    sure: float

    @property
    def gain(self) -> float:
        return self.after - self.before


def improvements(model: ScoreModel, columns: Columns, steps: Mapping[str, Mapping[str, object]]) -> list[Improvement]:
    """Which steps raise the probability of one lead, the best first.

    ``steps`` gives for each one the features it changes with their values afterward, or `SOME`; features the model
    does not use are ignored. All changes of a step count together, combinations of fields included. The result is
    what went with winning among the leads of the training; it need not be the cause. What may be chance is left out:
    a step counts when the lower bound of what it is worth, `SURE` standard errors less, is above zero. Versions that do
    not know their errors advise nothing.
    """
    codes = model.codes(columns)
    known = {item.feature.name: item for item in model.bins}
    before = float(model.score_codes(codes, 1).probability[0])
    found = []
    for key, values in steps.items():
        used = [(known[name], value) for name, value in values.items() if name in known]
        if used:
            found.append(Improvement(key, before, _chance_after(model, codes, used), _sureness(model, codes, used)))
    kept = (step for step in found if step.gain > 0 and step.sure > SURE)
    return sorted(kept, key=lambda step: (-step.after, step.key))


def _sureness(model: ScoreModel, codes: dict[str, np.ndarray], changes: list[tuple[Bins, object]]) -> float:
    """The points that the changed features give more, by themselves, in standard errors; 0 where these are not known.

    The errors of two bins are added where there are only two, which are opposite to each other; bins of many are
    nearly independent.
    """
    gain, variance = 0.0, 0.0
    for item, value in changes:
        term = next(term for term in model.terms if term.features == (item.feature.name,))
        if not term.errors:
            return 0.0
        points, errors = np.array(term.points, dtype=float), np.array(term.errors, dtype=float)
        bins, share = _bins_after(model, item, value)
        before = int(codes[item.feature.name][0])
        if points[before] > 0 if value is SOME else points[bins] @ share < 0:
            return 0.0  # it would contradict the explanation of the lead: that it raises the score, or will lower it
        gain += points[bins] @ share - points[before]
        after = errors[bins] @ share
        few = np.count_nonzero(term.counts) <= 2
        variance += (after + errors[before]) ** 2 if few else after**2 + errors[before] ** 2
    return float(gain / np.sqrt(variance)) if variance else 0.0


def _chance_after(model: ScoreModel, codes: dict[str, np.ndarray], changes: list[tuple[Bins, object]]) -> float:
    """The mean probability over all bins the changed features may fall into, each by its share."""
    shares = np.ones(1)
    for item, value in changes:
        bins, share = _bins_after(model, item, value)
        codes = {name: np.repeat(code, len(bins), axis=0) for name, code in codes.items()}
        codes[item.feature.name] = np.tile(bins, len(shares))
        shares = np.outer(shares, share).ravel()
    return float(model.score_codes(codes, len(shares)).probability @ shares)


def _bins_after(model: ScoreModel, item: Bins, value) -> tuple[np.ndarray, np.ndarray]:
    if value is SOME and item.feature.kind == "presence":
        value = True
    if value is not SOME:
        return item.codes([value]), np.ones(1)
    counts = next(np.array(term.counts) for term in model.terms if term.features == (item.feature.name,))
    bins = np.flatnonzero(counts[:-1])
    return bins, counts[bins] / counts[bins].sum()
