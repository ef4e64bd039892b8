"""What every customer is likely to bring: purchases and their value put together.

Heavy module: import it inside the job.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .forecaster import Forecaster
from .gamma_gamma import ValueModel
from .log_normal import LogNormalModel
from .purchase import PurchaseSummary

DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far to look: whole ``months`` of ``month_length`` time units, and the interest rate of one month.

    >>> Horizon(months=12, monthly_discount=0.01).ends[:2].tolist()
    [30.4375, 60.875]
    """

    months: int = 12
    monthly_discount: float = 0.01
    month_length: float = DAYS_PER_MONTH

    def __post_init__(self) -> None:
        if self.months < 1 or self.monthly_discount <= -1 or self.month_length <= 0:
            raise ValueError("a horizon has at least one month of positive length and a discount above -1")

    @property
    def ends(self) -> NDArray[np.float64]:
        """The end of each month, from now."""
        return self.month_length * np.arange(1, self.months + 1)

    @property
    def discounts(self) -> NDArray[np.float64]:
        """What one unit at the end of each month is worth now."""
        return (1 + self.monthly_discount) ** -np.arange(1.0, self.months + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """One row a customer, in the order given.

    ``p_alive``: probability of still being a customer, 1 where the model knows of no leaving. ``churn_risk``:
    probability of no order within a year. ``orders``: expected within the horizon. ``order_value``: expected of each,
    undiscounted. ``lifetime_value``: discounted sum over the horizon. The values are in the currency of the data.
    """

    p_alive: NDArray[np.float64]
    churn_risk: NDArray[np.float64]
    orders: NDArray[np.float64]
    order_value: NDArray[np.float64] | None = None
    lifetime_value: NDArray[np.float64] | None = None


def outlook(
    summary: PurchaseSummary, forecaster: Forecaster, values: ValueModel | LogNormalModel | None, horizon: Horizon
) -> Outlook:
    """The outlook of all customers; without a value model there are no values, and no number stands in for them.

    The lifetime value is the sum over the months of expected orders times order value, discounted from the month's end
    (Fader, Hardie and Lee, 2005, "RFM and CLV"). It looks ahead only: what the customer has brought is not in it.
    """
    history = summary.frequency, summary.recency, summary.age
    p_alive = forecaster.model.p_alive(*history)
    season = forecaster.weights(horizon.ends)
    sums = np.stack([season, season * horizon.discounts], axis=1)
    orders, discounted = forecaster.model.orders(horizon.ends, sums, *history, p_alive).T
    risk = forecaster.risk(*history, p_alive)
    if values is None:
        return Outlook(p_alive, risk, orders)
    order_value = values.of(summary)
    return Outlook(p_alive, risk, orders, order_value, discounted * order_value)
