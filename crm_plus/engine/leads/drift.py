"""Whether today's leads look like those of the training, and whether probabilities still come true. Needs numpy.

The population stability index compares two spreads over the same bins, sum (p - q) ln(p / q); below 0.1 is stable,
0.1 to 0.25 a moderate shift, above 0.25 a large one (Siddiqi 2006, Credit Risk Scorecards, chapter 9).
"""

from dataclasses import asdict, dataclass
from math import sqrt

import numpy as np

from .features import Columns
from .model import ScoreModel

MODERATE, LARGE = 0.1, 0.25


@dataclass(frozen=True, slots=True)
class Shift:
    """The stability index of a feature or of the score ("score"), and its level: "stable", "moderate" or "large"."""

    name: str
    psi: float

    @property
    def level(self) -> str:
        """The level by the usual thresholds.

        >>> [Shift("age", psi).level for psi in (0.09, 0.1, 0.26)]
        ['stable', 'moderate', 'large']
        """
        return "stable" if self.psi < MODERATE else "moderate" if self.psi <= LARGE else "large"


@dataclass(frozen=True, slots=True)
class CalibrationShift:
    """Wins predicted and seen on recently closed leads; ``z`` is Spiegelhalter's (1986) test of calibration.

    Beyond 1.96 either way chance alone is an unlikely cause (5 %).
    """

    leads: int
    predicted: float
    won: int
    z: float

    @property
    def drifted(self) -> bool:
        """Whether the probabilities no longer come true."""
        return abs(self.z) > 1.959964


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


def drift(model: ScoreModel, columns: Columns) -> DriftReport:
    """Compare leads (say, those created since training) with the training leads. Raises ValueError without leads."""
    codes = model.codes(columns)
    leads = len(next(iter(codes.values())))
    if not leads:
        raise ValueError("There are no leads to compare with those of the training.")
    scores = model.score_codes(codes, leads)
    tenth = np.searchsorted(model.training.score_cuts, scores.logits)
    counts = np.array(model.training.score_counts)
    score = Shift("score", psi(counts, np.bincount(tenth, minlength=len(counts))))
    largest: dict[str, float] = {}
    for term, cell in zip(model.terms, model.cells(codes), strict=True):
        if len(term.features) == 1:
            before = np.array(term.counts)
            value = psi(before, np.bincount(cell, minlength=len(before)))
            largest[term.name] = max(value, largest.get(term.name, 0.0))
    return DriftReport(leads, (score, *(Shift(*item) for item in sorted(largest.items(), key=lambda item: -item[1]))))


def calibration_shift(won: np.ndarray, chance: np.ndarray) -> CalibrationShift:
    """Check probabilities that were given before against what happened. Raises ValueError without leads."""
    won, chance = np.asarray(won, dtype=float), np.asarray(chance, dtype=float)
    if not len(won):
        raise ValueError("There are no closed leads to check the probabilities with.")
    slope = 1 - 2 * chance
    variance = float(np.sum(slope**2 * chance * (1 - chance)))
    z = float(np.sum((won - chance) * slope)) / sqrt(variance) if variance else 0.0
    return CalibrationShift(len(won), float(chance.sum()), int(won.sum()), z)


def shift_to_json(shift: CalibrationShift) -> dict:
    """A plain dictionary of a calibration shift, with whether it drifted."""
    return asdict(shift) | {"drifted": shift.drifted}
