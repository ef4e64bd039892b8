"""Retention: of the customers who first ordered in one period, how many ordered in each period after.

Heavy module: import it inside the job.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Period = Literal["month", "quarter"]
MONTHS = {"month": 1, "quarter": 3}


@dataclass(frozen=True, slots=True)
class Cohort:
    """The customers who first ordered in the period that begins on ``start`` ("2026-01").

    ``active[i]`` of them ordered ``i`` periods later, up to the last period observed; ``active[0]`` is all of them.
    """

    start: str
    active: tuple[int, ...]

    @property
    def size(self) -> int:
        return self.active[0]

    @property
    def retention(self) -> tuple[float, ...]:
        """The active as shares of the cohort.

        >>> Cohort("2026-01", (4, 2, 1)).retention
        (1.0, 0.5, 0.25)
        """
        return tuple(active / self.size for active in self.active)


def cohorts(customers: ArrayLike, days: ArrayLike, *, period: Period = "month") -> list[Cohort]:
    """The cohorts, oldest first; periods in which nobody was new have none.

    ``days`` are dates (``datetime64`` or ISO text) of orders, one a row, in the company's time zone.
    Its SQL twin counts distinct customers by ``date_trunc(period, first order)`` and ``date_trunc(period, order)``.

    >>> [cohort.active for cohort in cohorts([1, 2, 1, 3], ["2026-01-03", "2026-01-31", "2026-03-01", "2026-02-01"])]
    [(2, 0, 1), (1, 0)]
    """
    period_of_order = np.asarray(days, dtype="datetime64[M]").astype(np.int64) // MONTHS[period]
    if not len(period_of_order):
        return []
    identifiers, code = np.unique(np.asarray(customers), return_inverse=True)
    first = np.full(len(identifiers), period_of_order.max())
    np.minimum.at(first, code, period_of_order)
    start, end = first.min(), period_of_order.max()
    span = end - start + 1
    visits = np.unique(code * span + (period_of_order - start))
    visitor, visited = visits // span, visits % span
    born = first[visitor] - start
    active = np.bincount(born * span + (visited - born), minlength=span * span).reshape(span, span)
    return [
        Cohort(_label(start + row, period), tuple(active[row, : span - row].tolist()))
        for row in range(span)
        if active[row, 0]
    ]


def repeat_rate(customers: ArrayLike, days: ArrayLike) -> float | None:
    """The share of customers who ordered on more than one day; None without customers.

    >>> repeat_rate([1, 1, 2, 2], ["2026-01-01", "2026-01-02", "2026-01-01", "2026-01-01"])
    0.5
    """
    identifiers, code = np.unique(np.asarray(customers), return_inverse=True)
    if not len(identifiers):
        return None
    day = np.asarray(days, dtype="datetime64[D]").astype(np.int64)
    pairs = np.unique(np.stack([code, day], axis=1), axis=0)
    return float((np.bincount(pairs[:, 0]) > 1).mean())


def _label(period_index: NDArray, period: Period) -> str:
    return str(np.datetime64(int(period_index) * MONTHS[period], "M"))
