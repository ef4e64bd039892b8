"""Whether a forecast came true, for customers of different histories and in the course of time.

Heavy module: import it inside the job.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .forecaster import Forecaster

MOST = 7
WEEK = 7


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """Order days of all customers from the day of the forecast up to ``day`` days later: what was forecast, what came,
    and what the equally long time before would give, spread evenly."""

    day: int
    forecast: float
    came: int
    repeated: float


@dataclass(frozen=True, slots=True)
class ForecastGroup:
    """Customers with the same number of order days before the forecast: what each was forecast, and had, on average.

    ``orders`` counts the days, the last group holds those with more as well. ``repeated`` is what they had in the
    equally long time before: the guess without a model.
    """

    orders: int
    customers: int
    forecast: float
    came: float
    repeated: float


def forecast_by_history(
    frequency: ArrayLike, forecast: ArrayLike, came: ArrayLike, repeated: ArrayLike, *, most: int = MOST
) -> tuple[ForecastGroup, ...]:
    """Means of each group of customers with 1, 2, ... ``most`` or more order days, without the empty ones.

    ``frequency`` counts repeat orders, as everywhere. Conditional expectations by the number of past purchases are how
    Fader, Hardie and Lee judge the BG/NBD ("Counting Your Customers" the Easy Way, Marketing Science 24, 2005).

    >>> for group in forecast_by_history([0, 0, 1, 9], [0.5, 0.5, 1.0, 4.0], [0, 1, 1, 5], [1, 1, 2, 6], most=3):
    ...     print(group.orders, group.customers, group.forecast, group.came, group.repeated)
    1 2 0.5 0.5 1.0
    2 1 1.0 1.0 2.0
    3 1 4.0 5.0 6.0
    """
    orders = np.minimum(np.asarray(frequency, dtype=np.int64) + 1, most)
    customers = np.bincount(orders, minlength=most + 1)
    forecast, came, repeated = (
        np.bincount(orders, weights=np.asarray(values, dtype=float), minlength=most + 1) / np.maximum(customers, 1)
        for values in (forecast, came, repeated)
    )
    return tuple(
        ForecastGroup(int(n), int(customers[n]), float(forecast[n]), float(came[n]), float(repeated[n]))
        for n in np.flatnonzero(customers)
    )


def forecast_course(
    model: Forecaster, history: Sequence[ArrayLike], came: Mapping[int, int], repeated: float, days: int
) -> tuple[CoursePoint, ...]:
    """The forecast and what came, added up week by week, the last point after all ``days``.

    ``history`` is (frequency, recency, age) of each customer on the day of the forecast, ``came`` the number of order
    days on each day after it. Cumulative repeat transactions by week are the tracking plot of Fader, Hardie and Lee
    (2005).

    >>> from .bgnbd import PurchaseModel
    >>> model = Forecaster("bg_nbd", PurchaseModel(0.243, 4.414, 0.793, 2.426, dropout_at_start=False))
    >>> for point in forecast_course(model, ([2, 0], [30.4, 0], [38.9, 38.9]), {1: 1, 9: 2}, 4.0, 10):
    ...     print(point.day, round(point.forecast, 3), point.came, point.repeated)
    7 0.292 1 2.8
    10 0.411 3 4.0
    """
    ends = [*range(WEEK, days, WEEK), days]
    expected = model.orders(ends, *history).sum(axis=0)
    return tuple(
        CoursePoint(end, float(orders), sum(n for day, n in came.items() if day <= end), repeated * end / days)
        for end, orders in zip(ends, expected, strict=True)
    )
