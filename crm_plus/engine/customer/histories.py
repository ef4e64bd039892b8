"""Purchase histories (x, t_x, T), equal ones grouped: what the purchase models are fitted to.

Heavy module: import it inside the job.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .grouping import distinct
from .likelihood import STARTER


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """Distinct purchase histories (x, t_x, T) with the number of customers that share each.

    The logarithms of the times and the gamma functions of the counts are taken once for each distinct value: ``times``
    and ``counts`` hold those, ``recency``, ``age`` and ``x`` index them.
    """

    counts: NDArray[np.float64]
    times: NDArray[np.float64]
    x: NDArray[np.intp]
    recency: NDArray[np.intp]
    age: NDArray[np.intp]
    weight: NDArray[np.float64]
    count_weight: NDArray[np.float64]

    @property
    def customers(self) -> float:
        return float(self.weight.sum())

    @property
    def scale(self) -> float:
        """The longest time there is: what the parameters that are times are measured by."""
        return float(self.times.max(initial=0)) or 1.0

    def sample(self) -> "Histories":
        """Evenly spaced histories, few enough to find where the search over all of them may start."""
        step = -(-len(self.x) // STARTER)
        x, weight = self.x[::step], self.weight[::step]
        count_weight = np.bincount(x, weights=weight, minlength=len(self.counts))
        return replace(
            self, x=x, recency=self.recency[::step], age=self.age[::step], weight=weight, count_weight=count_weight
        )


def group_histories(
    frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, weights: ArrayLike | None = None
) -> Histories:
    """Group equal histories. ``weights`` are numbers of customers a row, 1 unless given.

    `ValueError` for what is no history: negative or unequal lengths, t_x above T, a single order with t_x above 0,
    orders that are not whole.

    >>> histories = group_histories([0, 0, 1], [0, 0, 3], [9, 9, 9])
    >>> histories.weight.tolist(), histories.customers
    ([2.0, 1.0], 3.0)
    """
    x, t_x, age = (np.asarray(values, dtype=float) for values in (frequency, recency, age))
    weight = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=float)
    _check(x, t_x, age, weight)
    counts, x_code = distinct(x)
    times, time_code = distinct(np.concatenate([t_x, age]))
    n = max(len(times), 1)
    keys = (x_code * n + time_code[len(x) :]) * n + time_code[: len(x)]
    grouped_keys, grouped = _grouped(keys, weights)
    pairs, recency_code = np.divmod(grouped_keys, n)
    codes, age_code = np.divmod(pairs, n)
    count_weight = np.bincount(codes, weights=grouped, minlength=len(counts))
    return Histories(counts, times, codes, recency_code, age_code, grouped, count_weight)


def _grouped(keys: NDArray, weights: ArrayLike | None) -> tuple[NDArray, NDArray[np.float64]]:
    """The distinct keys and the sum of the weights of each; without weights a plain sort does."""
    if weights is None:
        distinct_keys, counts = np.unique(keys, return_counts=True)
        return distinct_keys, counts.astype(float)
    distinct_keys, row = np.unique(keys, return_inverse=True)
    return distinct_keys, np.bincount(row, weights=np.asarray(weights, dtype=float), minlength=len(distinct_keys))


def _check(x: NDArray, t_x: NDArray, age: NDArray, weight: NDArray) -> None:
    if not len(x) == len(t_x) == len(age) == len(weight):
        raise ValueError("frequency, recency, age and weights are equally long")
    if not all(np.isfinite(values).all() for values in (x, t_x, age, weight)):
        raise ValueError("frequency, recency, age and weights are finite")
    if (x < 0).any() or (x % 1 != 0).any():
        raise ValueError("repeat orders are whole and not negative")
    if (t_x < 0).any() or (t_x > age).any() or ((x == 0) & (t_x != 0)).any():
        raise ValueError("the last order lies between the first one and now, and is the first one without repeats")
