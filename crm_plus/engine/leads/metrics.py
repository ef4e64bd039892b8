"""How good predictions were, on leads whose outcome is known. Needs numpy.

``won`` is 0 or 1 and ``chance`` a probability from 0 to 1, both of shape (n,).
"""

from dataclasses import asdict, dataclass
from math import pi, sqrt

import numpy as np


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Leads of similar predicted probability: how many, predicted and won share, Wilson 95 % interval of the latter."""

    leads: int
    predicted: float
    won: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LiftBin:
    """One tenth of the leads, best first: leads, wins, and the won share over the share among all leads."""

    tenth: int
    leads: int
    won: int
    lift: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The track record of predictions on ``leads`` closed leads.

    ``ece`` is the expected calibration error; ``ece_by_chance`` is what a perfectly calibrated predictor would show
    on average with as many leads in the same bins: an ``ece`` near it is no sign of miscalibration.
    ``ece_debiased`` has that noise taken out.
    ``auc`` is None when all or none were won.
    """

    leads: int
    won: int
    auc: float | None
    log_loss: float
    brier: float
    ece: float
    ece_by_chance: float
    ece_debiased: float
    reliability: tuple[ReliabilityBin, ...]
    lift: tuple[LiftBin, ...]

    def to_json(self) -> dict:
        """A plain dictionary of numbers and lists."""
        return asdict(self)


def evaluate(won: np.ndarray, chance: np.ndarray) -> Evaluation:
    """All figures at once. Raises ValueError without leads."""
    won, chance = np.asarray(won, dtype=float), np.asarray(chance, dtype=float)
    if not len(won):
        raise ValueError("There are no leads to judge on.")
    return Evaluation(
        leads=len(won),
        won=int(won.sum()),
        auc=auc(won, chance),
        log_loss=log_loss(won, chance),
        brier=brier(won, chance),
        ece=ece(won, chance),
        ece_by_chance=ece_by_chance(chance),
        ece_debiased=ece_debiased(won, chance),
        reliability=reliability(won, chance),
        lift=lift(won, chance),
    )


def auc(won: np.ndarray, chance: np.ndarray) -> float | None:
    """Share of (won, lost) pairs in which the won lead scored higher, ties count half (Mann-Whitney); None if no pair.

    >>> auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.75
    """
    yes = np.sort(chance[won > 0])
    no = np.sort(chance[won == 0])
    if not len(yes) or not len(no):
        return None
    below = np.searchsorted(no, yes, side="left") + np.searchsorted(no, yes, side="right")
    return float(below.sum() / (2 * len(yes) * len(no)))


def losses(won: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Log-loss of each lead: minus the natural logarithm of the probability given to what happened."""
    given = np.where(won > 0, chance, 1 - chance)
    return -np.log(np.maximum(given, np.finfo(float).eps))


def log_loss(won: np.ndarray, chance: np.ndarray) -> float:
    """Mean of `losses`.

    >>> round(log_loss(np.array([1, 0]), np.array([0.5, 0.5])), 6)
    0.693147
    """
    return float(losses(won, chance).mean())


def brier(won: np.ndarray, chance: np.ndarray) -> float:
    """Mean squared difference between probability and outcome (Brier 1950).

    >>> brier(np.array([1, 0]), np.array([0.5, 1.0]))
    0.625
    """
    return float(np.mean((chance - won) ** 2))


def _width_bins(chance: np.ndarray, bins: int) -> np.ndarray:
    return np.minimum((chance * bins).astype(int), bins - 1)


def ece(won: np.ndarray, chance: np.ndarray, *, bins: int = 10) -> float:
    """Expected calibration error: mean over leads of |predicted - won share| of their bin, bins of equal width.

    As Naeini, Cooper & Hauskrecht 2015 and Guo et al. 2017 define it.

    >>> round(ece(np.array([1, 0, 1, 1]), np.array([0.5, 0.5, 0.9, 0.9])), 6)
    0.05
    """
    cell = _width_bins(chance, bins)
    return float(np.abs(np.bincount(cell, chance - won, bins)).sum() / len(won))


def ece_by_chance(chance: np.ndarray, *, bins: int = 10) -> float:
    """What `ece` is on average when every probability is exactly right: sampling noise alone.

    The difference in a bin is then about normal with variance sum p (1 - p), mean size sqrt(2 / pi) deviations.
    """
    variance = np.bincount(_width_bins(chance, bins), chance * (1 - chance), bins)
    return float(sqrt(2 / pi) * np.sqrt(variance).sum() / len(chance))


def ece_debiased(won: np.ndarray, chance: np.ndarray, *, bins: int = 10) -> float:
    """`ece` with sampling noise taken out: each bin's squared difference is lessened by its variance, not below zero.

    The correction of Kumar, Liang & Ma 2019 (Verified Uncertainty Calibration, section 5), bin by bin. With few leads
    plain `ece` is mostly noise (see `ece_by_chance`); with many the two agree.
    """
    cell = _width_bins(chance, bins)
    gap = np.bincount(cell, chance - won, bins)
    noise = np.bincount(cell, chance * (1 - chance), bins)
    return float(np.sqrt(np.maximum(gap**2 - noise, 0)).sum() / len(won))


def wilson(wins: int, leads: int, z: float = 1.959964) -> tuple[float, float]:
    """The interval of a share (Wilson 1927), 95 % by default.

    >>> [round(edge, 4) for edge in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    share, weight = wins / leads, z * z / leads
    middle = (share + weight / 2) / (1 + weight)
    half = z * sqrt(share * (1 - share) / leads + weight / (4 * leads)) / (1 + weight)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def reliability(won: np.ndarray, chance: np.ndarray, *, bins: int = 10) -> tuple[ReliabilityBin, ...]:
    """The reliability curve over the bins of `ece`, empty ones left out."""
    cell = _width_bins(chance, bins)
    found = []
    for place in np.unique(cell):
        inside = cell == place
        wins, leads = int(won[inside].sum()), int(inside.sum())
        found.append(ReliabilityBin(leads, float(chance[inside].mean()), wins / leads, *wilson(wins, leads)))
    return tuple(found)


def lift(won: np.ndarray, chance: np.ndarray) -> tuple[LiftBin, ...]:
    """Wins by tenth of the leads, most promising first; equal ones keep their given order."""
    order = np.argsort(-chance, kind="stable")
    rate = won.mean()
    found = []
    for tenth, places in enumerate(np.array_split(order, 10), start=1):
        if len(places):
            wins = int(won[places].sum())
            found.append(LiftBin(tenth, len(places), wins, float(wins / len(places) / rate) if rate else 0.0))
    return tuple(found)
