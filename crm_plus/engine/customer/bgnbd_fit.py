"""The likelihood of the BG/NBD and MBG/NBD models, with its gradient.

Heavy module: import it inside the job.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, digamma, gammaln

from .grouping import weighted_sum
from .histories import Histories


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
