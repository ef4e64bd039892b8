"""Scores from 1 (worst) to 5 (best) for recency, frequency and monetary value.

The quantile rule
-----------------
Of ``n`` customers let ``below`` have a smaller value than this one and ``upto`` a smaller or equal one. With
``k = below + upto`` (the mid-rank, doubled, so that everything is an integer) the score is::

    5k div 2n + 1        where k < n     (lower half: an exact boundary belongs to the higher score)
    ceil(5k / 2n)        where k >= n    (upper half: an exact boundary belongs to the lower score)

Equal values get equal scores, the order of the customers is irrelevant, the rule is symmetric (turning the values
round turns scores s into 6 - s) and it is exact: no floating point takes part. One customer, or customers who are all
alike, get the middle score 3; two get 2 and 4; three get 1, 3 and 5; five get 1 to 5.

Its SQL twin, ``value`` being the column and integer division PostgreSQL's own::

    SELECT CASE WHEN k < n THEN 5 * k / (2 * n) + 1 ELSE (5 * k + 2 * n - 1) / (2 * n) END AS score
      FROM (SELECT rank() OVER w - 1 + count(*) OVER w AS k, count(*) OVER () AS n
              FROM customers WINDOW w AS (ORDER BY value)) AS ranked

Recency is scored on the *date* of the last order (later is better), which needs no clock; by symmetry that equals
scoring the age with smaller as better.

Cut-points
----------
The scores rise with the value, so four cut-points say the same as the ranks: ``cuts[s - 2]`` is the smallest value that
scores ``s`` or more, infinity where none does. Applied to the customers they came from they give the very same scores;
applied to one customer they score that one alone. Their SQL twin is ``1 + width_bucket(value, cuts)``.

Few customers
-------------
Among fewer than `ENOUGH` customers parts of equal size say nothing: of two, one would be the worst. Their limits are
absolute, from the company's own rhythm: ages in usual intervals, revenue in orders of the usual size.

Frequency
---------
Where most customers have ordered once, their mid-rank would lift them to score 2 or 3, among repeat customers, and
nobody would be new. Who ordered once scores 1: no cut-point of the frequency is below `REPEATED` orders.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

TOP = 5
# Orders of who came back.
REPEATED = 2
SCORES = range(1, TOP + 1)
# Fewer customers are not divided into parts of equal size.
ENOUGH = 20
# With few customers: ages in usual intervals that still score 5, 4, 3 and 2, and that interval if nobody came back;
# orders, and revenue in orders of the usual size, that score 2, 3, 4 and 5.
FEW_INTERVALS = (1, 2, 3, 5)
FEW_USUAL = 45.0
FEW_ORDERS = (2, 3, 5, 10)
FEW_SIZES = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True, order=True)
class RfmScore:
    """The three scores of one customer, each 1 to 5.

    >>> RfmScore(5, 4, 3).code
    '543'
    """

    recency: int
    frequency: int
    monetary: int

    def __post_init__(self) -> None:
        if not {self.recency, self.frequency, self.monetary} <= set(SCORES):
            raise ValueError(f"scores are 1 to {TOP}, not {self.code}")

    @property
    def code(self) -> str:
        return f"{self.recency}{self.frequency}{self.monetary}"


def mid_rank_score(below: int, upto: int, n: int) -> int:
    """The score of a value that ``below`` of ``n`` customers stay under and ``upto`` do not exceed.

    >>> [mid_rank_score(i, i + 1, 5) for i in range(5)]
    [1, 2, 3, 4, 5]
    >>> mid_rank_score(0, 7, 7)
    3
    """
    k = below + upto
    return TOP * k // (2 * n) + 1 if k < n else -(-TOP * k // (2 * n))


def quantile_scores(values: Sequence[float]) -> list[int]:
    """The score of each value among all of them, larger being better, in the order given.

    >>> quantile_scores([30, 10, 20])
    [5, 1, 3]
    >>> quantile_scores([7, 7, 7, 7])
    [3, 3, 3, 3]
    >>> quantile_scores([])
    []
    """
    score_of = dict(_scores_by_value(values))
    return [score_of[value] for value in values]


def quantile_cuts(values: Iterable[float]) -> tuple[float, ...]:
    """The four cut-points that `value_score` turns into the scores of `quantile_scores`.

    ``values`` must hold one value a customer. Without customers every cut-point is infinite.

    >>> quantile_cuts([10, 20, 30, 40, 50])
    (20, 30, 40, 50)
    >>> quantile_cuts([7, 7, 7])
    (7, 7, inf, inf)
    """
    scored = _scores_by_value(values)
    return tuple(next((value for value, score in scored if score >= wanted), inf) for wanted in SCORES[1:])


def frequency_cuts(orders: Iterable[int]) -> tuple[float, ...]:
    """The cut-points of numbers of orders: those of `quantile_cuts`, none of them below `REPEATED`.

    >>> frequency_cuts([1, 1, 1, 1, 1, 1, 2, 2, 3, 9])
    (2, 2, 2, 3)
    """
    return tuple(max(cut, REPEATED) for cut in quantile_cuts(orders))


def few_ages(interval: float | None) -> tuple[int, ...]:
    """The oldest ages in days that still score 5, 4, 3 and 2 where there are few customers.

    ``interval`` is the usual time between two orders in days; None where nobody has come back.

    >>> few_ages(30)
    (30, 60, 90, 150)
    >>> few_ages(None)
    (45, 90, 135, 225)
    """
    usual = min(max(interval or FEW_USUAL, 7), 365)
    return tuple(round(usual * times) for times in FEW_INTERVALS)


def few_revenues(order: float) -> tuple[float, ...]:
    """The revenue that scores 2, 3, 4 and 5 where there are few customers, by the usual size of an order.

    >>> few_revenues(100.0)
    (100.0, 200.0, 500.0, 1000.0)
    """
    return tuple(order * times for times in FEW_SIZES)


def value_score(value: float, *, cuts: Sequence[float]) -> int:
    """The score of a value that is better when larger: one more than the cut-points it reaches.

    >>> [value_score(orders, cuts=(2, 3, 5, 10)) for orders in (1, 2, 9, 10)]
    [1, 2, 4, 5]
    """
    return 1 + bisect_right(check_cuts(cuts), value)


def recency_score(days_since_order: float, *, cuts: Sequence[float]) -> int:
    """The score of an age in days, better when smaller: ``cuts`` are the oldest ages that still score 5, 4, 3 and 2.

    Its SQL twin turns the axis round: ``1 + width_bucket(-age, ARRAY[-365, -90, -30, -7])``.

    >>> recency_score(3, cuts=(7, 30, 90, 365))
    5
    >>> [recency_score(days, cuts=(7, 30, 90, 365)) for days in (7, 8, 365, 366)]
    [5, 4, 2, 1]
    """
    return TOP - bisect_left(check_cuts(cuts), days_since_order)


def check_cuts(cuts: Sequence[float]) -> Sequence[float]:
    """The cut-points themselves, if they are four and never fall; otherwise `ValueError`.

    >>> check_cuts((7, 30, 90))
    Traceback (most recent call last):
    ...
    ValueError: four rising cut-points are needed, not (7, 30, 90)
    """
    if len(cuts) != TOP - 1 or any(low > high for low, high in pairwise(cuts)):
        raise ValueError(f"four rising cut-points are needed, not {tuple(cuts)}")
    return cuts


def _scores_by_value(values: Iterable[float]) -> list[tuple[float, int]]:
    """Each distinct value, rising, with its score."""
    counts = sorted(Counter(values).items())
    n = sum(count for _value, count in counts)
    scored, below = [], 0
    for value, count in counts:
        scored.append((value, mid_rank_score(below, below + count, n)))
        below += count
    return scored
