"""What a trait of leads is worth in points, from leads that were won and lost."""

from dataclasses import dataclass
from math import log, sqrt

# Points for a trait that makes winning e times as likely as not: a handful of traits reach 100.
PER_LOGIT = 10
LOWEST, HIGHEST = -20, 25
# Fewer leads with the trait, or without it, say nothing; nor does a difference that chance makes once in ten times.
FEWEST = 10
SURE = 1.645


@dataclass(frozen=True, slots=True)
class Counts:
    """Won and lost leads."""

    won: int
    lost: int

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(self.won - other.won, self.lost - other.lost)

    @property
    def total(self) -> int:
        """All of them."""
        return self.won + self.lost

    @property
    def share(self) -> float:
        """The share that was won, 0 of none."""
        return self.won / self.total if self.total else 0.0


def proposed_points(having: Counts, everybody: Counts) -> int:
    """The points of a trait that ``having`` of ``everybody`` have; 0 when nothing is shown.

    The logarithm of the odds ratio, each count with half a lead more (Haldane 1940), pulled toward zero by its standard
    error, so that few leads give few points.

    >>> proposed_points(Counts(40, 10), Counts(100, 100))
    17
    >>> proposed_points(Counts(5, 45), Counts(100, 100))
    -20
    >>> proposed_points(Counts(26, 24), Counts(100, 100)), proposed_points(Counts(5, 0), Counts(100, 100))
    (0, 0)
    """
    others = everybody - having
    if min(having.total, others.total) < FEWEST:
        return 0
    cells = [count + 0.5 for count in (having.won, having.lost, others.won, others.lost)]
    ratio = log(cells[0] * cells[3] / (cells[1] * cells[2]))
    error = sqrt(sum(1 / cell for cell in cells))
    if abs(ratio) < SURE * error:
        return 0
    pulled = ratio * ratio**2 / (ratio**2 + error**2)
    return max(LOWEST, min(HIGHEST, round(PER_LOGIT * pulled)))
