"""How revenue is spread over customers: ABC classes, the share of the best 20 %, the Gini coefficient, the curve.

Amounts in whole minor units (cents) are added exactly, so that SQL on ``numeric`` agrees at every boundary.
Heavy module: import it inside the job.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class AbcLimits:
    """Percent of revenue that class A brings, and classes A and B together."""

    a: int = 80
    b: int = 95

    def __post_init__(self) -> None:
        if not 0 < self.a < self.b <= 100:
            raise ValueError("percentages rise: 0 < a < b <= 100")


def abc_classes(revenue: ArrayLike, limits: AbcLimits = AbcLimits()) -> NDArray[np.str_]:
    """The class of each customer, in the order given.

    A customer is in A while the customers with *more* revenue have not reached A's share, in B while they have not
    reached B's, else in C. So the one who crosses the line belongs to the better class, equal revenues share a class
    and nobody's class depends on the order. Revenue of nothing or less is in C and no part of the total.

    Its SQL twin, over the customers with positive revenue::

        SELECT CASE WHEN 100 * above < 80 * total THEN 'A' WHEN 100 * above < 95 * total THEN 'B' ELSE 'C' END
          FROM (SELECT coalesce(sum(revenue) OVER (ORDER BY revenue DESC RANGE BETWEEN UNBOUNDED PRECEDING
                       AND CURRENT ROW EXCLUDE GROUP), 0) AS above, sum(revenue) OVER () AS total FROM ...) AS shares

    >>> "".join(abc_classes([60, 20, 10, 6, 4, 0]))
    'AABBCC'
    """
    revenue = _numbers(revenue)
    levels, row = np.unique(np.maximum(revenue, 0), return_inverse=True)
    mass = levels * np.bincount(row, minlength=len(levels)).astype(levels.dtype)
    upto = np.cumsum(mass[::-1])[::-1]
    above, total = upto - mass, upto[:1]
    classes = np.where(100 * above < limits.a * total, "A", np.where(100 * above < limits.b * total, "B", "C"))
    return np.where(revenue > 0, classes[row], "C")


def top_share(revenue: ArrayLike, percent: int = 20) -> float | None:
    """The share of positive revenue that the best ``percent`` of all customers bring; None without any.

    The number of customers is rounded up, so that the best 20 % of three are one.

    >>> top_share([60, 20, 10, 6, 4])
    0.6
    """
    revenue = np.sort(np.maximum(_numbers(revenue), 0))[::-1]
    total = revenue.sum()
    best = -(-len(revenue) * percent // 100)
    return float(revenue[:best].sum() / total) if total > 0 else None


def gini(revenue: ArrayLike) -> float | None:
    """Gini coefficient of the positive revenue over all customers: 0 is equal, toward 1 is all from one; None without.

    >>> gini([5, 5, 5]), gini([0, 0, 0, 8])
    (0.0, 0.75)
    """
    revenue = np.sort(np.maximum(_numbers(revenue), 0)).astype(float)
    n, total = len(revenue), revenue.sum()
    if not total > 0:
        return None
    return float(2 * (np.arange(1, n + 1) @ revenue) / (n * total) - (n + 1) / n)


def curve(revenue: ArrayLike) -> list[tuple[int, float]]:
    """The Pareto curve, best customers first: (percent of all customers, percent of the positive revenue that they
    bring) for each whole percent at which more customers have been counted than at the one before; empty without any.

    >>> curve([60, 20, 10, 6, 4])
    [(20, 60.0), (40, 80.0), (60, 90.0), (80, 96.0), (100, 100.0)]
    >>> curve([0, -5])
    []
    """
    brought = np.cumsum(np.sort(np.maximum(_numbers(revenue), 0))[::-1])
    if not len(brought) or not brought[-1] > 0:
        return []
    counted = np.arange(1, 101) * len(brought) // 100
    # Of 40 customers no other one has been counted at 4 %: the second comes with 5 %.
    percents = np.unique(-(-100 * counted[counted > 0] // len(brought)))
    shares = 100 * brought[percents * len(brought) // 100 - 1] / brought[-1]
    return [(int(percent), round(float(share), 1)) for percent, share in zip(percents, shares, strict=True)]


def _numbers(values: ArrayLike) -> NDArray:
    """Whole numbers stay whole."""
    values = np.asarray(values)
    return values.astype(np.int64) if values.dtype.kind in "iu" else values.astype(float)
