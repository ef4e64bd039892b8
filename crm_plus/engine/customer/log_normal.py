"""What a customer's orders are worth when amounts scatter log-normally: a mixed model.

The logarithm of an order's amount is a customer's own mean plus chance; the customers' means scatter normally.
Variances by the analysis of variance of unequal groups (Searle, Casella and McCulloch, "Variance Components", 1992,
chapter 3), the customer's mean by best linear unbiased prediction (Henderson, 1975), back from logarithms with the
level of Duan ("Smearing Estimate", Journal of the American Statistical Association 78, 1983).
Heavy module: import it inside the job.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .abstention import Reason, require
from .gamma_gamma import MINIMUM_REPEATERS
from .purchase import PurchaseSummary

LEAST = 1e-12  # a variance that is none


@dataclass(frozen=True, slots=True)
class LogNormalModel:
    """``middle`` is the mean of the logarithms, ``between`` the variance of the customers' own means around it, and
    ``within`` that of the orders of one customer; ``level`` makes the orders that are known add up.

    Without any difference between customers it expects the same of all: the mean of all orders. Without any between
    the orders of a customer, the customer's own.
    """

    middle: float
    between: float
    within: float
    level: float = 1.0
    customers: int = 0

    @property
    def kind(self) -> str:
        """What the record of the model calls it."""
        return "log_normal"

    @property
    def population_mean(self) -> float:
        """The mean order value over all customers."""
        return float(self.level * np.exp(self.middle + (self.between + self.within) / 2))

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` takes them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "LogNormalModel":
        return cls(**values)

    def of(self, summary: PurchaseSummary) -> NDArray[np.float64]:
        """The expected value of a coming order of each customer.

        >>> from .purchase import summarize
        >>> summary = summarize(["a", "b", "b"], [0, 0, 9], [10.0, 10.0, 10.0], end=30)
        >>> LogNormalModel(middle=3.0, between=0.2, within=0.2).of(summary).round(2).tolist()
        [16.47, 14.42]
        """
        paid = summary.spending.paid
        own = paid * self.between / np.maximum(paid * self.between + self.within, LEAST)
        mean = self.middle + own * (summary.spending.log_mean - self.middle)
        return self.level * np.exp(mean + (self.between * (1 - own) + self.within) / 2)


def fit_log_normal(summary: PurchaseSummary, *, minimum_repeaters: int = MINIMUM_REPEATERS) -> LogNormalModel:
    """Fit the model to all customers with a positive amount; raises `CannotFit` with too few who paid twice."""
    spending = summary.spending
    known = spending.paid > 0
    orders, mean = spending.paid[known].astype(float), spending.log_mean[known]
    require(Reason.TOO_FEW_REPEATERS, found=int((orders > 1).sum()), needed=minimum_repeaters)
    n, groups = orders.sum(), len(orders)
    within = float((spending.log_spread[known] * (orders - 1)).sum() / (n - groups))
    scatter = (orders * (mean - np.average(mean, weights=orders)) ** 2).sum() / (groups - 1)
    size = (n - (orders**2).sum() / n) / (groups - 1)
    between = float(max((scatter - within) / size, 0.0))
    weight = 1 / np.maximum(between + within / orders, LEAST)
    plain = LogNormalModel(float(np.average(mean, weights=weight)), between, within, customers=groups)
    said = plain.of(summary)
    all_orders = summary.frequency + 1
    level = (spending.mean * all_orders)[known].sum() / (said * all_orders)[known].sum()
    return LogNormalModel(plain.middle, between, within, float(level), groups)
