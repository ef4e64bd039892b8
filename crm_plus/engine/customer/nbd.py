"""How often customers order who never stop: the NBD model (Ehrenberg, 1959; Morrison and Schmittlein, 1988).

A customer orders at a rate drawn from Gamma(r, alpha), for good. The model of loyal customers: where nobody drops out,
those with a drop-out have their maximum on this border. Heavy module: import it inside the job.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma, gammaln

from .alive_model import AliveModel
from .grouping import weighted_sum
from .histories import Histories


@dataclass(frozen=True, slots=True)
class NbdModel(AliveModel):
    """Fitted parameters; times are in the unit of the data they were fitted to. Methods as of `bgnbd.PurchaseModel`."""

    r: float
    alpha: float
    log_likelihood: float = np.nan
    customers: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain values; the class takes them back."""
        return asdict(self)

    def p_alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> NDArray[np.float64]:
        """Nobody drops out."""
        return np.ones(np.shape(frequency))

    def expected_orders_if_alive(
        self, horizons: ArrayLike, frequency: ArrayLike, age: ArrayLike
    ) -> NDArray[np.float64]:
        """Expected orders within each horizon, shape (customers, horizons): (r + x) / (alpha + T) a unit of time.

        >>> NbdModel(r=1.0, alpha=10.0).expected_orders_if_alive([10, 20], [1], [10]).tolist()
        [[1.0, 2.0]]
        """
        x, age = (np.atleast_1d(np.asarray(values, dtype=float)) for values in (frequency, age))
        return ((self.r + x) / (self.alpha + age))[:, None] * np.atleast_1d(np.asarray(horizons, dtype=float))

    def p_order_if_alive(self, horizon: float, frequency: ArrayLike, age: ArrayLike) -> NDArray[np.float64]:
        """The probability of an order within the horizon: 1 - ((alpha + T) / (alpha + T + t)) ** (r + x).

        >>> NbdModel(r=1.0, alpha=10.0).p_order_if_alive(20, [1], [10]).round(9).tolist()
        [0.75]
        """
        x, age = (np.asarray(values, dtype=float) for values in (frequency, age))
        return -np.expm1(-(self.r + x) * np.log1p(horizon / (self.alpha + age)))


def log_likelihood(parameters: ArrayLike, histories: Histories) -> tuple[float, NDArray[np.float64]]:
    """The log-likelihood of all customers and its gradient by (r, alpha).

    Gamma(r + x) alpha^r / Gamma(r) (alpha + T)^-(r + x): that of the numbers of orders but for a factor without
    parameters, on the scale of the models with a drop-out, which also say when the last order was.
    """
    r, alpha = np.asarray(parameters, dtype=float)
    x, by_count, weight = histories.counts, histories.count_weight, histories.weight
    customers = by_count.sum()
    age = alpha + histories.times[histories.age]
    exponent, log_age = (r + x)[histories.x], np.log(age)
    value = by_count @ gammaln(r + x) + customers * (r * np.log(alpha) - gammaln(r))
    value -= weighted_sum(weight, exponent * log_age)
    gradient = [
        by_count @ digamma(r + x) + customers * (np.log(alpha) - digamma(r)) - weighted_sum(weight, log_age),
        customers * r / alpha - weighted_sum(weight, exponent / age),
    ]
    return float(value), np.array(gradient)
