"""What a customer's orders are worth: the Gamma-Gamma model of Fader, Hardie and Lee (2005).

Order values scatter around a customer's own mean with shape p; the customers' means scatter so that their rate is drawn
from Gamma(q, v). The few orders of one customer are drawn toward the population accordingly. Source of the formulas:
Fader and Hardie, "The Gamma-Gamma Model of Monetary Value", note 025 (2013). Heavy module: import it inside the job.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma, gammaln

from .abstention import CannotFit, Reason, require
from .grouping import distinct, weighted_sum
from .likelihood import STARTER, maximize_large
from .purchase import PurchaseSummary

MINIMUM_REPEATERS = 30
MAXIMUM_CORRELATION = 0.3
PARAMETERS = ("p", "q", "v")


@dataclass(frozen=True, slots=True)
class ValueModel:
    """Fitted parameters; ``v`` and all values are in the currency of the data.

    ``correlation`` is the rank correlation of frequency and value that the model assumes to be none, ``customers`` the
    repeat buyers it was fitted to, ``excluded`` those left out because their mean value is not positive. With
    ``first_order`` it reads all orders, so that who ordered once has a value as well; without it, as in the
    literature and in parameters of before, the repeat orders only.
    """

    p: float
    q: float
    v: float
    log_likelihood: float = np.nan
    correlation: float = 0.0
    customers: int = 0
    excluded: int = 0
    first_order: bool = False

    @property
    def kind(self) -> str:
        """What the record of the model calls it."""
        return "gamma_gamma"

    @property
    def population_mean(self) -> float:
        """The mean order value over all customers.

        >>> round(ValueModel(p=6.25, q=3.74, v=15.44).population_mean, 2)
        35.22
        """
        return self.p * self.v / (self.q - 1)

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` takes them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "ValueModel":
        return cls(**values)

    def of(self, summary: PurchaseSummary) -> NDArray[np.float64]:
        """The expected value of a coming order of each customer."""
        if self.first_order:
            return self.order_value(summary.frequency + 1, summary.spending.mean)
        return self.order_value(summary.frequency, summary.value)

    def order_value(self, frequency: ArrayLike, value: ArrayLike) -> NDArray[np.float64]:
        """The expected value of a coming order given x repeat orders of mean ``value``: note 025, equation 5.

        Without repeat orders it is the population's mean. A negative mean, from refunds, counts as 0.

        >>> ValueModel(p=6.25, q=3.74, v=15.44).order_value([0, 1, 10], [0, 20, 20]).round(2).tolist()
        [35.22, 24.64, 20.64]
        """
        x = np.asarray(frequency, dtype=float)
        own = self.p * x / (self.p * x + self.q - 1)
        return (1 - own) * self.population_mean + own * np.maximum(np.asarray(value, dtype=float), 0)


@dataclass(frozen=True, slots=True, eq=False)
class OrderValues:
    """The repeat buyers: which of the distinct ``counts`` of orders each has (``x``), mean ``value`` and weight."""

    counts: NDArray[np.float64]
    x: NDArray[np.intp]
    value: NDArray[np.float64]
    weight: NDArray[np.float64]
    excluded: float

    @property
    def customers(self) -> float:
        return float(self.weight.sum())

    def sample(self) -> "OrderValues":
        """Evenly spaced rows, few enough to find where the search over all of them may start."""
        step = -(-len(self.x) // STARTER)
        return replace(self, x=self.x[::step], value=self.value[::step], weight=self.weight[::step])

    def mean_log_likelihood(self, parameters: NDArray) -> tuple[float, NDArray]:
        """`log_likelihood` a customer."""
        value, gradient = log_likelihood(parameters, self)
        return value / self.customers, gradient / self.customers


def group_values(frequency: ArrayLike, value: ArrayLike, weights: ArrayLike | None = None) -> OrderValues:
    """The repeat buyers whose mean value is positive; those with orders but no positive mean are counted apart.

    >>> values = group_values([0, 1, 2, 2], [0, 5, 6, -1])
    >>> values.value.tolist(), values.excluded
    ([5.0, 6.0], 1.0)
    """
    x, value = np.asarray(frequency, dtype=float), np.asarray(value, dtype=float)
    weight = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=float)
    if not len(x) == len(value) == len(weight):
        raise ValueError("frequency, value and weights are equally long")
    fit = (x > 0) & (value > 0)
    counts, code = distinct(x[fit])
    return OrderValues(counts, code, value[fit], weight[fit], float(weight[(x > 0) & ~fit].sum()))


def log_likelihood(parameters: ArrayLike, values: OrderValues) -> tuple[float, NDArray[np.float64]]:
    """The log-likelihood of all customers, note 025 equation 1a, and its gradient by (p, q, v)."""
    p, q, v = np.asarray(parameters, dtype=float)
    x, weight, customers = values.counts, values.weight, values.customers
    orders = x[values.x]
    total = orders * values.value
    log_rate, shape = np.log(total + v), (p * x + q)[values.x]
    by_count = np.bincount(values.x, weights=weight, minlength=len(x))
    rates = weight * log_rate
    spread = weighted_sum(weight, orders * np.log(total))
    value = by_count @ (gammaln(p * x + q) - gammaln(p * x)) + customers * (q * np.log(v) - gammaln(q))
    value += p * spread - weighted_sum(weight, np.log(values.value)) - weighted_sum(rates, shape)
    gain = digamma(p * x + q)
    gradient = [
        by_count @ (x * (gain - digamma(p * x))) + spread - weighted_sum(rates, orders),
        by_count @ gain + customers * (np.log(v) - digamma(q)) - rates.sum(),
        customers * q / v - weighted_sum(weight, shape / (total + v)),
    ]
    return float(value), np.array(gradient)


def fit_values(
    frequency: ArrayLike,
    value: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    minimum_repeaters: int = MINIMUM_REPEATERS,
    maximum_correlation: float = MAXIMUM_CORRELATION,
) -> ValueModel:
    """Fit the model to the repeat buyers among the customers.

    Raises `CannotFit` with too few of them, when their order value depends on how often they order (the model assumes
    that it does not), when the likelihood has no maximum inside its domain, and when the mean value is not finite.
    """
    values = group_values(frequency, value, weights)
    require(Reason.TOO_FEW_REPEATERS, found=values.customers, needed=minimum_repeaters)
    correlation = rank_correlation(values.counts[values.x], values.value, values.weight)
    if abs(correlation) > maximum_correlation:
        raise CannotFit(Reason.VALUE_DEPENDS_ON_FREQUENCY, found=correlation, needed=maximum_correlation)
    scale = float(np.average(values.value, weights=values.weight))
    best = maximize_large(
        values.sample().mean_log_likelihood,
        values.mean_log_likelihood,
        start=(2.0, 3.0, scale),
        names=PARAMETERS,
        scales=(1.0, 1.0, scale),
    )
    p, q, v = map(float, best.parameters)
    if q <= 1:
        raise CannotFit(Reason.INFINITE_MEAN_VALUE, found=q, needed=1)
    return ValueModel(
        p, q, v, best.value * values.customers, correlation, round(values.customers), round(values.excluded)
    )


def rank_correlation(left: ArrayLike, right: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Spearman's rank correlation, equal values sharing their mean rank; 0 if either does not vary.

    Ranks, so that one huge order does not decide.

    >>> rank_correlation([1, 2, 3, 4], [10, 20, 30, 1000])
    1.0
    """
    weight = np.ones(np.size(left)) if weights is None else np.asarray(weights, dtype=float)
    ranks = [_mid_ranks(np.asarray(values, dtype=float), weight) for values in (left, right)]
    one, other = (rank - np.average(rank, weights=weight) for rank in ranks)
    scatter = np.sqrt(weighted_sum(weight, one**2) * weighted_sum(weight, other**2))
    return float(round(weighted_sum(weight, one * other) / scatter, 12)) if scatter > 0 else 0.0


def _mid_ranks(values: NDArray, weight: NDArray) -> NDArray:
    _values, row = distinct(values)
    mass = np.bincount(row, weights=weight)
    return (np.cumsum(mass) - mass / 2)[row]
