"""How good predictions were, on leads whose outcome is known. Needs numpy.

``won`` is 0 or 1 and ``chance`` a probability from 0 to 1, both of shape (n,); ``weights`` (n,) says how many leads
each stands for (see `landmarks`; None: one).
"""

from dataclasses import asdict, dataclass
from math import pi, sqrt

import numpy as np

from .weights import effective


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Leads of similar predicted probability: how many, predicted and won share, Wilson 95 % interval of the latter.

    Shares and interval are weighted, ``leads`` is a plain count.
    """

    leads: int
    predicted: float
    won: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LiftBin:
    """One tenth of the (weighted) leads, best first: how many leads and wins, and the won share over that of all.

    ``lift`` is weighted, ``leads`` and ``won`` are plain counts.
    """

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


def evaluate(won: np.ndarray, chance: np.ndarray, weights: np.ndarray | None = None) -> Evaluation:
    """All figures at once. Raises ValueError without leads."""
    won, chance = np.asarray(won, dtype=float), np.asarray(chance, dtype=float)
    if not len(won):
        raise ValueError("There are no leads to judge on.")
    weights = effective(weights, len(won))
    return Evaluation(
        leads=len(won),
        won=int(won.sum()),
        auc=auc(won, chance, weights),
        log_loss=log_loss(won, chance, weights),
        brier=brier(won, chance, weights),
        ece=ece(won, chance, weights),
        ece_by_chance=ece_by_chance(chance, weights),
        ece_debiased=ece_debiased(won, chance, weights),
        reliability=reliability(won, chance, weights),
        lift=lift(won, chance, weights),
    )


def auc(won: np.ndarray, chance: np.ndarray, weights: np.ndarray | None = None) -> float | None:
    """Share of (won, lost) pairs in which the won lead scored higher, ties count half (Mann-Whitney); None if no pair.

    >>> auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.75
    """
    yes, no = won > 0, won == 0
    if not yes.any() or not no.any():
        return None
    weights = effective(weights, len(won))
    return float(np.average(share_below(chance[no], chance[yes], weights[no]), weights=weights[yes]))


def share_below(reference: np.ndarray, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """For each value, the weighted share of the reference below it, equal ones half.

    >>> share_below(np.array([1, 2]), np.array([2, 3]), np.array([3.0, 1.0])).tolist()
    [0.875, 1.0]
    """
    order = np.argsort(reference, kind="stable")
    upto = np.concatenate([[0.0], np.cumsum(weights[order])])
    places = (np.searchsorted(reference[order], values, side=side) for side in ("left", "right"))
    return sum(upto[place] for place in places) / (2 * upto[-1])


def losses(won: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Log-loss of each lead: minus the natural logarithm of the probability given to what happened."""
    given = np.where(won > 0, chance, 1 - chance)
    return -np.log(np.maximum(given, np.finfo(float).eps))


def log_loss(won: np.ndarray, chance: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Mean of `losses`.

    >>> round(log_loss(np.array([1, 0]), np.array([0.5, 0.5])), 6)
    0.693147
    """
    return float(np.average(losses(won, chance), weights=weights))


def brier(won: np.ndarray, chance: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Mean squared difference between probability and outcome (Brier 1950).

    >>> brier(np.array([1, 0]), np.array([0.5, 1.0]))
    0.625
    """
    return float(np.average((chance - won) ** 2, weights=weights))


def _width_bins(chance: np.ndarray, bins: int) -> np.ndarray:
    return np.minimum((chance * bins).astype(int), bins - 1)


def ece(won: np.ndarray, chance: np.ndarray, weights: np.ndarray | None = None, *, bins: int = 10) -> float:
    """Expected calibration error: mean over leads of |predicted - won share| of their bin, bins of equal width.

    As Naeini, Cooper & Hauskrecht 2015 and Guo et al. 2017 define it.

    >>> round(ece(np.array([1, 0, 1, 1]), np.array([0.5, 0.5, 0.9, 0.9])), 6)
    0.05
    """
    weights = effective(weights, len(won))
    cell = _width_bins(chance, bins)
    return float(np.abs(np.bincount(cell, weights * (chance - won), bins)).sum() / weights.sum())


def ece_by_chance(chance: np.ndarray, weights: np.ndarray | None = None, *, bins: int = 10) -> float:
    """What `ece` is on average when every probability is exactly right: sampling noise alone.

    The difference in a bin is then about normal with variance sum w^2 p (1 - p), mean size sqrt(2 / pi) deviations.
    """
    weights = effective(weights, len(chance))
    variance = np.bincount(_width_bins(chance, bins), weights**2 * chance * (1 - chance), bins)
    return float(sqrt(2 / pi) * np.sqrt(variance).sum() / weights.sum())


def ece_debiased(won: np.ndarray, chance: np.ndarray, weights: np.ndarray | None = None, *, bins: int = 10) -> float:
    """`ece` with sampling noise taken out: each bin's squared difference is lessened by its variance, not below zero.

    The correction of Kumar, Liang & Ma 2019 (Verified Uncertainty Calibration, section 5), bin by bin. With few leads
    plain `ece` is mostly noise (see `ece_by_chance`); with many the two agree.
    """
    weights = effective(weights, len(won))
    cell = _width_bins(chance, bins)
    gap = np.bincount(cell, weights * (chance - won), bins)
    noise = np.bincount(cell, weights**2 * chance * (1 - chance), bins)
    return float(np.sqrt(np.maximum(gap**2 - noise, 0)).sum() / weights.sum())


def wilson(wins: float, leads: float, z: float = 1.959964) -> tuple[float, float]:
    """The interval of a share (Wilson 1927), 95 % by default.

    >>> [round(edge, 4) for edge in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    share, weight = wins / leads, z * z / leads
    middle = (share + weight / 2) / (1 + weight)
    half = z * sqrt(share * (1 - share) / leads + weight / (4 * leads)) / (1 + weight)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def reliability(
    won: np.ndarray, chance: np.ndarray, weights: np.ndarray | None = None, *, bins: int = 10
) -> tuple[ReliabilityBin, ...]:
    """The reliability curve over the bins of `ece`, empty ones left out."""
    weights = effective(weights, len(won))
    cell = _width_bins(chance, bins)
    found = []
    for place in np.unique(cell):
        inside = cell == place
        own = effective(weights[inside], int(inside.sum()))
        wins, leads = float(own @ won[inside]), float(own.sum())
        predicted = float(np.average(chance[inside], weights=own))
        found.append(ReliabilityBin(len(own), predicted, wins / leads, *wilson(wins, leads)))
    return tuple(found)


def lift(won: np.ndarray, chance: np.ndarray, weights: np.ndarray | None = None) -> tuple[LiftBin, ...]:
    """Wins by tenth of the leads, most promising first; equal ones keep their given order."""
    weights = effective(weights, len(won))
    rate = np.average(won, weights=weights)
    order = np.argsort(-chance, kind="stable")
    middle = np.cumsum(weights[order]) - weights[order] / 2
    tenths = np.minimum((10 * middle / weights.sum()).astype(int), 9)
    found = []
    for tenth in np.unique(tenths):
        places = order[tenths == tenth]
        share = np.average(won[places], weights=weights[places])
        lifted = float(share / rate) if rate else 0.0
        found.append(LiftBin(int(tenth) + 1, len(places), int(won[places].sum()), lifted))
    return tuple(found)
