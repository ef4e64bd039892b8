"""From a transaction log to what the purchase models read: (x, t_x, T, mean value) per customer.

Heavy module: import it inside the job.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Spending:
    """What each customer paid on all order days, the first one too; equally long arrays.

    ``mean`` is the mean amount of an order day. ``paid`` counts the order days with a positive amount, ``log_mean`` and
    ``log_spread`` are mean and variance of the logarithm of those, 0 where there is none, or only one.
    """

    mean: NDArray[np.float64]
    paid: NDArray[np.int64]
    log_mean: NDArray[np.float64]
    log_spread: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PurchaseSummary:
    """One row a customer, equally long arrays.

    ``frequency`` (x) counts the repeat orders: distinct days with an order, less the first. ``recency`` (t_x) is the
    time from the first to the last of them and ``age`` (T) from the first to the end of observation, both in units of
    the log's days divided by ``days_per_unit``. ``value`` is the mean amount of a repeat order day, 0 where there is
    none; the first order is left out because every customer has one (Fader and Hardie, note 025, 2013).
    ``spending`` has it as well; None where it is not known.
    """

    customers: NDArray
    frequency: NDArray[np.int64]
    recency: NDArray[np.float64]
    age: NDArray[np.float64]
    value: NDArray[np.float64]
    spending: Spending | None = None

    def __len__(self) -> int:
        return len(self.customers)


def summarize(
    customers: ArrayLike, days: ArrayLike, amounts: ArrayLike, end: int, *, days_per_unit: float = 1.0
) -> PurchaseSummary:
    """Summarize the transactions up to and including day ``end``; later ones are ignored.

    ``customers`` are identifiers of any sortable type, ``days`` whole day numbers (``datetime64[D]`` will do if ``end``
    is one too). Several orders on one day are one order of their sum.
    Customers come out in rising order; those without an order by then do not come out.

    Its SQL twin sums amounts by (customer, day) and then takes ``count(*) - 1``, ``max(day) - min(day)``,
    ``end - min(day)``, ``avg(amount) FILTER (WHERE day > first_day)`` and the like by customer.

    >>> summary = summarize(["b", "a", "a", "a"], [5, 0, 10, 10], [7.0, 1.0, 20.0, 4.0], end=30)
    >>> summary.customers.tolist(), summary.frequency.tolist(), summary.recency.tolist()
    (['a', 'b'], [1, 0], [10.0, 0.0])
    >>> summary.age.tolist(), summary.value.tolist()
    ([30.0, 25.0], [24.0, 0.0])
    """
    identifiers, codes = np.unique(np.asarray(customers), return_inverse=True)
    day = np.asarray(days).astype(np.int64)
    last = int(np.asarray(end).astype(np.int64))
    observed = day <= last
    code, day, amount = _sum_by_day(codes[observed], day[observed], np.asarray(amounts, dtype=float)[observed])
    starts = np.flatnonzero(np.diff(code, prepend=-1))
    ends = np.append(starts[1:], len(code))[: len(starts)]
    frequency = ends - starts - 1
    first = day[starts]
    total = np.add.reduceat(amount, starts) if len(starts) else amount
    return PurchaseSummary(
        customers=identifiers[code[starts]],
        frequency=frequency,
        recency=(day[ends - 1] - first) / days_per_unit,
        age=(last - first) / days_per_unit,
        value=(total - amount[starts]) / np.maximum(frequency, 1),
        spending=_spending(amount, starts, frequency + 1, total),
    )


def _spending(amount: NDArray, starts: NDArray, orders: NDArray, total: NDArray) -> Spending:
    row = np.repeat(np.arange(len(starts)), orders)
    positive = amount > 0
    row, logarithm = row[positive], np.log(amount[positive])
    paid = np.bincount(row, minlength=len(starts))
    mean = np.bincount(row, weights=logarithm, minlength=len(starts)) / np.maximum(paid, 1)
    off = np.bincount(row, weights=(logarithm - mean[row]) ** 2, minlength=len(starts))
    return Spending(total / np.maximum(orders, 1), paid, mean, off / np.maximum(paid - 1, 1))


def _sum_by_day(code: NDArray, day: NDArray, amount: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """One row for each customer and day, sorted by both."""
    if not len(day):
        return code, day, amount
    origin = day.min()
    span = day.max() - origin + 1
    keys, row = np.unique(code * span + (day - origin), return_inverse=True)
    return keys // span, keys % span + origin, np.bincount(row, weights=amount)
