"""Whether a new model version is not worse than the current one, on the same later leads. Needs numpy."""

from dataclasses import asdict, dataclass

import numpy as np

from .metrics import losses

Z95 = 1.959964
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


def compare(won: np.ndarray, new: np.ndarray, current: np.ndarray, *, margin: float = MARGIN) -> Comparison:
    """Compare two sets of probabilities for the same leads.

    Better: the interval of the paired difference in log-loss lies below zero; not worse: below ``margin``; worse:
    above zero; else unclear. Raises ValueError with fewer than 2 leads.
    """
    won, new, current = (np.asarray(values, dtype=float) for values in (won, new, current))
    if len(won) < 2:
        raise ValueError("Comparing two versions needs at least 2 closed leads.")
    gap = losses(won, new) - losses(won, current)
    loss = _interval(float(gap.mean()), float(gap.std(ddof=1)) / len(gap) ** 0.5)
    return Comparison(_decide(loss, margin), len(won), loss, delong(won, new, current))


def _decide(gap: Interval, margin: float) -> str:
    if gap.high < 0:
        return "better"
    if gap.low > 0:
        return "worse"
    return "not worse" if gap.high < margin else "unclear"


def delong(won: np.ndarray, new: np.ndarray, current: np.ndarray) -> Interval | None:
    """The difference in AUC of two predictions of the same leads (DeLong, DeLong & Clarke-Pearson 1988).

    None unless at least two leads were won and two lost.
    """
    yes, no = won > 0, won == 0
    if yes.sum() < 2 or no.sum() < 2:
        return None
    parts = [(_share_below(score[no], score[yes]), _share_below(-score[yes], -score[no])) for score in (new, current)]
    ahead, behind = parts[0][0] - parts[1][0], parts[0][1] - parts[1][1]
    variance = ahead.var(ddof=1) / len(ahead) + behind.var(ddof=1) / len(behind)
    return _interval(float(ahead.mean()), float(variance) ** 0.5)


def _share_below(reference: np.ndarray, values: np.ndarray) -> np.ndarray:
    """For each value, the share of the reference below it, equal ones half."""
    ordered = np.sort(reference)
    twice = np.searchsorted(ordered, values, side="left") + np.searchsorted(ordered, values, side="right")
    return twice / (2 * len(ordered))


def _interval(value: float, deviation: float) -> Interval:
    return Interval(value, value - Z95 * deviation, value + Z95 * deviation)
