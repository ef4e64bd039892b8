"""Whether a forecast came true, for customers of different histories.

Heavy module: import it inside the job.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

MOST = 7


@dataclass(frozen=True, slots=True)
class ForecastGroup:
    """Customers with the same number of order days before the forecast: what each was forecast, and had, on average.

    ``orders`` counts the days, the last group holds those with more as well. ``repeated`` is what they had in the
    equally long time before: the guess of whoever has no model.
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
