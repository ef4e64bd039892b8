"""Fitting the BG/NBD and MBG/NBD models by maximum likelihood, with analytic gradients.

Heavy module: import it inside the job.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, digamma, gammaln

from .abstention import Reason, require
from .bgnbd import PurchaseModel
from .grouping import distinct, weighted_sum
from .likelihood import STARTER, maximize_large

MINIMUM_CUSTOMERS = 100
MINIMUM_REPEATERS = 30
PARAMETERS = ("r", "alpha", "a", "b")


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
    def repeaters(self) -> float:
        return float(self.count_weight[self.counts > 0].sum())

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
    >>> histories.weight.tolist(), histories.repeaters
    ([2.0, 1.0], 1.0)
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


def log_likelihood(
    parameters: ArrayLike, histories: Histories, *, dropout_at_start: bool
) -> tuple[float, NDArray[np.float64]]:
    """The log-likelihood of all customers and its gradient by (r, alpha, a, b).

    With y as `bgnbd` has it, Fader, Hardie and Lee (2005), equation 6, is the product of
    Gamma(r + x) alpha^r / Gamma(r), B(a, b + y) / B(a, b), (alpha + T)^-(r + x) and 1 + exp(d), where exp(d), the odds
    of being dead, is a / (b + y - 1) ((alpha + T) / (alpha + t_x))^(r + x) if y > 0 and else nothing.
    """
    r, alpha, a, b = np.asarray(parameters, dtype=float)
    x, weight, by_count = histories.counts, histories.weight, histories.count_weight
    y = x + dropout_at_start
    survived = np.maximum(y, 1) - 1
    log_time, inverse_time = np.log(alpha + histories.times), 1 / (alpha + histories.times)
    log_age, exponent = log_time[histories.age], (r + x)[histories.x]
    silence = log_age - log_time[histories.recency]
    start = np.where(y > 0, np.log(a) - np.log(b + survived), -np.inf)
    odds = start[histories.x] + exponent * silence
    small = np.exp(-np.abs(odds))
    softplus = np.maximum(odds, 0) + np.log1p(small)
    dead = weight * np.where(odds > 0, 1.0, small) / (1 + small)
    dead_by_count = np.bincount(histories.x, weights=dead, minlength=len(x))
    customers = by_count.sum()
    value = by_count @ (gammaln(r + x) + betaln(a, b + y)) + weighted_sum(weight, softplus - exponent * log_age)
    value += customers * (r * np.log(alpha) - gammaln(r) - betaln(a, b))
    age_slope = inverse_time[histories.age]
    pooled = customers * digamma(a + b) - by_count @ digamma(a + b + y)
    gradient = [
        by_count @ digamma(r + x)
        + customers * (np.log(alpha) - digamma(r))
        - weighted_sum(weight, log_age)
        + weighted_sum(dead, silence),
        customers * r / alpha
        - weighted_sum(exponent, (weight - dead) * age_slope)
        - weighted_sum(exponent, dead * inverse_time[histories.recency]),
        pooled + dead_by_count.sum() / a,
        pooled + by_count @ digamma(b + y) - customers * digamma(b) - dead_by_count @ (1 / (b + survived)),
    ]
    return float(value), np.array(gradient)


def fit_purchases(
    frequency: ArrayLike,
    recency: ArrayLike,
    age: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    dropout_at_start: bool = True,
    minimum_customers: int = MINIMUM_CUSTOMERS,
    minimum_repeaters: int = MINIMUM_REPEATERS,
) -> PurchaseModel:
    """Fit the MBG/NBD model, or without ``dropout_at_start`` the BG/NBD model.

    Raises `CannotFit` with too few customers or repeaters and when the likelihood has no maximum inside its domain.
    Times in whole days group best; the parameters do not depend on the order of the customers.
    """
    histories = group_histories(frequency, recency, age, weights)
    require(Reason.TOO_FEW_CUSTOMERS, found=histories.customers, needed=minimum_customers)
    require(Reason.TOO_FEW_REPEATERS, found=histories.repeaters, needed=minimum_repeaters)
    scale = float(histories.times.max())

    sample, full = (
        partial(_mean_log_likelihood, histories=part, dropout_at_start=dropout_at_start)
        for part in (histories.sample(), histories)
    )
    best = maximize_large(
        sample, full, start=(1.0, scale / 4, 1.0, 2.0), names=PARAMETERS, scales=(1.0, scale, 1.0, 1.0)
    )
    return PurchaseModel(
        *map(float, best.parameters),
        dropout_at_start=dropout_at_start,
        log_likelihood=best.value * histories.customers,
        customers=round(histories.customers),
    )


def _mean_log_likelihood(
    parameters: NDArray, histories: Histories, dropout_at_start: bool
) -> tuple[float, NDArray[np.float64]]:
    value, gradient = log_likelihood(parameters, histories, dropout_at_start=dropout_at_start)
    return value / histories.customers, gradient / histories.customers


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
