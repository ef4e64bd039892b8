"""Whether a new model version is not worse than the current one, on the same later leads. Needs numpy."""

from dataclasses import asdict, dataclass

import numpy as np

from .metrics import losses, share_below
from .weights import effective

Z95, Z70 = 1.959964, 1.036433
MARGIN = 0.005  # log-loss that nobody would notice


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference, new minus current, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """``decision`` is "better", "not worse", "unclear" or "worse"; only the first two publish without a confirmation.

    ``log_loss`` decides (less is better), ``auc`` is shown beside it (more is better; None when it has no value).
    """

    decision: str
    leads: int
    log_loss: Interval
    auc: Interval | None

    @property
    def publishable(self) -> bool:
        """Whether the new version may replace the current one without anybody's confirmation."""
        return self.decision in ("better", "not worse")

    @property
    def renews(self) -> bool:
        """Whether a version of the same recipe, learned from newer leads, may replace the current one: unless it is
        shown to be worse, by more than chance makes of equal ones in 85 of a hundred cases. Few leads prove nothing,
        and what has learned from newer ones is the better guess."""
        gap = self.log_loss
        return gap.value - (gap.high - gap.value) * Z70 / Z95 <= 0

    @property
    def words(self) -> str:
        """The decision as a sentence for people."""
        gap = self.log_loss
        return (
            f"{self.decision}: log-loss {gap.value:+.4f} ({gap.low:+.4f} to {gap.high:+.4f}) "
            f"against the current version on the same {self.leads} later leads"
        )

    def to_json(self) -> dict:
        """A plain dictionary."""
        return asdict(self)


def compare(won: np.ndarray, new: np.ndarray, current: np.ndarray, weights=None, *, margin=MARGIN) -> Comparison:
    """Compare two sets of probabilities for the same leads, each counting by its weight (None: one).

    Better: the interval of the paired difference in log-loss lies below zero; not worse: below ``margin``; worse:
    above zero; else unclear. Raises ValueError with fewer than 2 leads.
    """
    won, new, current = (np.asarray(values, dtype=float) for values in (won, new, current))
    if len(won) < 2:
        raise ValueError("Comparing two versions needs at least 2 closed leads.")
    weights = effective(weights, len(won))
    gap = losses(won, new) - losses(won, current)
    loss = _interval(float(np.average(gap, weights=weights)), _variance(gap, weights))
    return Comparison(_decide(loss, margin), len(won), loss, delong(won, new, current, weights))


def _decide(gap: Interval, margin: float) -> str:
    if gap.high < 0:
        return "better"
    if gap.low > 0:
        return "worse"
    return "not worse" if gap.high < margin else "unclear"


def delong(won: np.ndarray, new: np.ndarray, current: np.ndarray, weights=None) -> Interval | None:
    """The difference in AUC of two predictions of the same leads (DeLong, DeLong & Clarke-Pearson 1988).

    None unless at least two leads were won and two lost.
    """
    yes, no = won > 0, won == 0
    if yes.sum() < 2 or no.sum() < 2:
        return None
    weights = effective(weights, len(won))
    ahead, behind = (
        share_below(sign * new[other], sign * new[own], weights[other])
        - share_below(sign * current[other], sign * current[own], weights[other])
        for own, other, sign in ((yes, no, 1), (no, yes, -1))
    )
    variance = _variance(ahead, weights[yes]) + _variance(behind, weights[no])
    return _interval(float(np.average(ahead, weights=weights[yes])), variance)


def auc_interval(won: np.ndarray, chance: np.ndarray, weights=None) -> Interval | None:
    """The AUC of one prediction with its 95 % interval by DeLong's variance: its difference from a prediction that
    tells nothing, whose AUC is a half. The interval stays between 0 and 1; None unless two were won and two lost."""
    won = np.asarray(won, dtype=float)
    found = delong(won, np.asarray(chance, dtype=float), np.zeros(len(won)), weights)
    if found is None:
        return None
    value, half = found.value + 0.5, found.high - found.value
    return Interval(value, max(value - half, 0.0), min(value + half, 1.0))


def _variance(values: np.ndarray, weights: np.ndarray) -> float:
    """The variance of a weighted mean of independent values."""
    share = weights / weights.sum()
    spread = np.square(share * (values - share @ values)).sum()
    return float(spread * len(values) / (len(values) - 1))


def _interval(value: float, variance: float) -> Interval:
    half = Z95 * variance**0.5
    return Interval(value, value - half, value + half)
