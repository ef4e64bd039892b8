"""A log of order days, read as of any day: what was known then, and what came after.

Heavy module: import it inside the job.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True, eq=False)
class OrderLog:
    """Distinct order days, a row each, sorted by customer and day.

    ``code`` numbers the customers from 0, ``day`` counts days, ``nth`` a customer's order days from 0.
    """

    code: NDArray[np.intp]
    day: NDArray[np.int64]
    nth: NDArray[np.int64]
    customers: int

    @classmethod
    def of(cls, customers: ArrayLike, days: ArrayLike) -> "OrderLog":
        """The log of these orders, one a row, in whatever order; several on one day are one.

        >>> log = OrderLog.of(["b", "a", "a"], [5, 9, 9])
        >>> log.code.tolist(), log.day.tolist()
        ([0, 1], [9, 5])
        """
        names, code = np.unique(np.asarray(customers), return_inverse=True)
        day = np.asarray(days).astype(np.int64)
        if not len(day):
            return cls(code, day, day, 0)
        origin, span = day.min(), day.max() - day.min() + 1
        code, day = np.divmod(np.unique(code * span + (day - origin)), span)
        first = np.flatnonzero(np.diff(code, prepend=-1))
        nth = np.arange(len(code)) - np.repeat(first, np.diff(first, append=len(code)))
        return cls(code, day + origin, nth, len(names))

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last day of the log."""
        return int(self.day.min()), int(self.day.max())

    def sample(self, most: int) -> "OrderLog":
        """The orders of every so-manyth customer, so that there are no more than ``most``.

        >>> OrderLog.of(["a", "b", "b", "c"], [1, 2, 3, 4]).sample(2).day.tolist()
        [1, 4]
        """
        step = -(-self.customers // most)
        if step <= 1:
            return self
        kept = self.code % step == 0
        return OrderLog(self.code[kept] // step, self.day[kept], self.nth[kept], -(-self.customers // step))

    def until(self, day: int) -> "KnownCustomers":
        """What was known of whom at the end of a day."""
        seen = self.day <= day
        code, days = self.code[seen], self.day[seen]
        starts = np.flatnonzero(np.diff(code, prepend=-1))
        last = np.append(starts[1:], len(code)) - 1
        if not len(starts):
            last = starts
        return KnownCustomers(
            code[starts],
            self.nth[seen][last],
            (days[last] - days[starts]).astype(float),
            (day - days[starts]).astype(float),
        )

    def counts(self, after: int, until: int) -> NDArray[np.int64]:
        """Order days of each customer of the log after one day, up to and including another."""
        window = (self.day > after) & (self.day <= until)
        return np.bincount(self.code[window], minlength=self.customers)


@dataclass(frozen=True, slots=True, eq=False)
class KnownCustomers:
    """Customers with an order up to a day: which of the log they are, and their history (x, t_x, T) in days."""

    code: NDArray[np.intp]
    frequency: NDArray[np.int64]
    recency: NDArray[np.float64]
    age: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.code)

    @property
    def history(self) -> tuple[NDArray, NDArray, NDArray]:
        return self.frequency, self.recency, self.age
