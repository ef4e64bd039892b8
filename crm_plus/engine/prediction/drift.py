"""Whether new leads look like those of the training, and whether probabilities still come true. Needs numpy.

The population stability index compares two spreads over the same bins, sum (p - q) ln(p / q); below 0.1 is stable,
0.1 to 0.25 a moderate shift, above 0.25 a large one (Siddiqi 2006, Credit Risk Scorecards, chapter 9). With n and N
leads chance alone makes it about (1 / n + 1 / N) times a chi-squared variable with as many degrees of freedom as bins
less one (Yurdakul 2018, Statistical properties of the population stability index, section 3): its mean is taken off,
and what chance reaches in one of a thousand cases is no shift. Both sides must have been seen by the same rule.
"""

from dataclasses import asdict, dataclass
from math import sqrt

import numpy as np

from .features import Columns
from .model import ScoreModel
from .weights import effective

MODERATE, LARGE = 0.1, 0.25
POOLS = 20
# A chi-squared variable with two degrees of freedom exceeds it in one of a hundred cases.
CHI2_99 = 9.21034
NEWTON_STEPS, EDGE = 8, 1e-6


@dataclass(frozen=True, slots=True)
class Shift:
    """The stability index of a feature or of the score ("score") without what is due to chance, what chance may reach
    all the same, and its level: "stable", "moderate" or "large"."""

    name: str
    psi: float
    chance: float = 0.0

    @property
    def level(self) -> str:
        """The level by the usual thresholds.

        >>> [Shift("age", psi).level for psi in (0.09, 0.1, 0.26)], Shift("age", 0.3, chance=0.4).level
        (['stable', 'moderate', 'large'], 'stable')
        """
        if self.psi < max(MODERATE, self.chance):
            return "stable"
        return "moderate" if self.psi <= LARGE else "large"


@dataclass(frozen=True, slots=True)
class CalibrationShift:
    """Shares (0 to 1) of recent leads predicted to be won and won, and how the predicted logits would have to change
    for them to come true: ``intercept`` added, after being multiplied by ``slope`` (Cox 1958, Two further applications
    of a model for binary regression, Biometrika 45). ``chi2`` tests that 0 and 1 will do.

    Beyond what chance reaches in one of a hundred cases something has changed: they are checked every week.
    """

    leads: int
    predicted: float
    won: float
    intercept: float
    slope: float
    chi2: float

    @property
    def drifted(self) -> bool:
        """Whether the probabilities no longer come true."""
        return self.chi2 > CHI2_99


@dataclass(frozen=True, slots=True)
class DriftReport:
    """The shift of the score first, then of every feature, largest first."""

    leads: int
    shifts: tuple[Shift, ...]

    @property
    def level(self) -> str:
        """The worst level among the shifts."""
        return max((shift.level for shift in self.shifts), key=("stable", "moderate", "large").index)

    def to_json(self) -> dict:
        """A plain dictionary, with the level of each shift."""
        shifts = [{"name": shift.name, "psi": shift.psi, "level": shift.level} for shift in self.shifts]
        return {"leads": self.leads, "level": self.level, "shifts": shifts}


def psi(reference: np.ndarray, current: np.ndarray) -> float:
    """The population stability index of two arrays of counts over the same bins; half a lead is added to each bin.

    >>> round(psi(np.array([500, 500]), np.array([500, 500])), 6)
    0.0
    """
    p = (reference + 0.5) / (reference + 0.5).sum()
    q = (current + 0.5) / (current + 0.5).sum()
    return float(np.sum((q - p) * np.log(q / p)))


def shift(name: str, reference: np.ndarray, current: np.ndarray, *, ordered: int = 0) -> Shift:
    """How far a spread over bins has shifted; of them the first ``ordered`` follow one another.

    Bins with less than a twentieth of the reference are joined, so that no handful of leads makes a shift.
    """
    order = np.arange(len(reference)) if ordered else np.argsort(-reference, kind="stable")
    upto = np.cumsum(reference[order]) - reference[order]
    pools = np.unique((upto * POOLS) // max(reference.sum(), 1), return_inverse=True)[1]
    before, after = (np.bincount(pools, counts[order]) for counts in (reference, current))
    scale, free = 1 / before.sum() + 1 / after.sum(), len(before) - 1
    return Shift(name, max(psi(before, after) - scale * free, 0.0), scale * (_rarely(free) - free))


def _rarely(free: int) -> float:
    """What a chi-squared variable exceeds in one of a thousand cases (Wilson & Hilferty 1931).

    >>> round(_rarely(9), 1)
    28.1
    """
    part = 2 / (9 * max(free, 1))
    return free * (1 - part + 3.0902 * sqrt(part)) ** 3


def drift(model: ScoreModel, columns: Columns) -> DriftReport:
    """Compare leads (say, those closed since training) with the training leads. Raises ValueError without leads."""
    codes = model.codes(columns)
    leads = len(next(iter(codes.values())))
    if not leads:
        raise ValueError("There are no leads to compare with those of the training.")
    scores = model.score_codes(codes, leads)
    tenth = np.searchsorted(model.training.score_cuts, scores.logits)
    counts = np.array(model.training.score_counts)
    found = [shift("score", counts, np.bincount(tenth, minlength=len(counts)), ordered=len(counts))]
    ordered = {item.feature.name: item.ordered for item in model.bins}
    largest: dict[str, Shift] = {}
    for term, cell in zip(model.terms, model.cells(codes), strict=True):
        if len(term.features) == 1:
            before = np.array(term.counts)
            own = shift(term.name, before, np.bincount(cell, minlength=len(before)), ordered=ordered[term.name])
            largest[term.name] = max(own, largest.get(term.name, own), key=lambda one: one.psi)
    found += sorted(largest.values(), key=lambda one: -one.psi)
    return DriftReport(leads, tuple(found))


def calibration_shift(won: np.ndarray, chance: np.ndarray, weights: np.ndarray | None = None) -> CalibrationShift:
    """Check probabilities that were given before against what happened, each lead counting by its weight (None: one).

    Raises ValueError without leads.
    """
    won, chance = np.asarray(won, dtype=float), np.asarray(chance, dtype=float)
    if not len(won):
        raise ValueError("There are no closed leads to check the probabilities with.")
    weights = effective(weights, len(won))
    logit = _logits(chance)
    design = np.column_stack([np.ones_like(logit), logit])
    # The score test at (0, 1): its variance is that of the predicted probabilities, each lead counting by its weight.
    gap = design.T @ (weights * (won - chance))
    spread = _information(design, weights**2, chance)
    chi2 = float(gap @ np.linalg.lstsq(spread, gap, rcond=None)[0])
    intercept, slope = _recalibrated(design, won, weights)
    predicted, seen = (float(np.average(side, weights=weights)) for side in (chance, won))
    return CalibrationShift(len(won), predicted, seen, intercept, slope, chi2)


def _logits(chance: np.ndarray) -> np.ndarray:
    inside = np.clip(chance, EDGE, 1 - EDGE)
    return np.log(inside / (1 - inside))


def _information(design: np.ndarray, weights: np.ndarray, chance: np.ndarray) -> np.ndarray:
    return design.T @ (design * (weights * chance * (1 - chance))[:, None])


def _recalibrated(design: np.ndarray, won: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """(intercept, slope) of the logistic regression of what happened on the predicted logits, by Newton from (0, 1);
    a unit of ridge keeps few leads from running away."""
    found = start = np.array([0.0, 1.0])
    for _step in range(NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        score = design.T @ (weights * (won - chance)) - (found - start)
        found = found + np.linalg.solve(_information(design, weights, chance) + np.eye(2), score)
    return float(found[0]), float(found[1])


def shift_to_json(shift: CalibrationShift) -> dict:
    """A plain dictionary of a calibration shift, with whether it drifted."""
    return asdict(shift) | {"drifted": shift.drifted}
