"""How often customers order who may stop at any time: the Pareto/NBD model (Schmittlein, Morrison and Colombo, 1987).

A customer orders at a rate drawn from Gamma(r, alpha) and drops out for good at a rate drawn from Gamma(s, beta). The
likelihood is usually written with the Gaussian hypergeometric function, which loses its digits; here the integral over
the time of dropping out (Fader and Hardie, "A Note on Deriving the Pareto/NBD Model", note 009, 2005, equation 11) is
taken by quadrature, whose terms are all positive. Heavy module: import it inside the job.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma, gammaln

from .alive_model import AliveModel
from .grouping import weighted_sum
from .histories import Histories

NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
NODES, WEIGHTS = (NODES + 1) / 2, WEIGHTS / 2  # on 0 to 1
# Closer together at both ends, where the logarithms of the gradient are steep: v^2 (3 - 2 v) instead of v.
NODES, WEIGHTS = NODES**2 * (3 - 2 * NODES), WEIGHTS * 6 * NODES * (1 - NODES)
CHUNK = 1 << 12  # rows at a time, so that a chunk times the nodes stays in the processor's cache


@dataclass(frozen=True, slots=True)
class ParetoNbdModel(AliveModel):
    """Fitted parameters; times are in the unit of the data they were fitted to. Methods as of `bgnbd.PurchaseModel`."""

    r: float
    alpha: float
    s: float
    beta: float
    log_likelihood: float = np.nan
    customers: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain values; the class takes them back."""
        return asdict(self)

    def p_alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> NDArray[np.float64]:
        """The probability that the customer has not dropped out.

        >>> model = ParetoNbdModel(0.5533, 10.5776, 0.6061, 11.6650)
        >>> model.p_alive([26], [30.86], [31]).round(4).tolist()
        [0.9979]
        """
        x, t_x, age = (np.asarray(values, dtype=float) for values in (frequency, recency, age))
        alive = np.empty(len(x))
        for start in range(0, len(x), CHUNK):
            rows = slice(start, start + CHUNK)
            log_odds, _u, _w = _dropped_out((self.r, self.alpha, self.s, self.beta), x[rows], t_x[rows], age[rows])
            alive[rows] = np.exp(-np.logaddexp(0, log_odds))
        return alive

    def expected_orders_if_alive(
        self, horizons: ArrayLike, frequency: ArrayLike, age: ArrayLike
    ) -> NDArray[np.float64]:
        """Expected orders within each horizon of a customer who is alive now, shape (customers, horizons).

        (r + x) (beta + T) / ((alpha + T) (s - 1)) (1 - ((beta + T) / (beta + T + t)) ** (s - 1)): Schmittlein, Morrison
        and Colombo (1987), equation 22. For s = 1 the logarithm is its limit.
        """
        horizons = np.atleast_1d(np.asarray(horizons, dtype=float))
        x, age = (np.atleast_1d(np.asarray(values, dtype=float))[:, None] for values in (frequency, age))
        longer = np.log1p(horizons / (self.beta + age))
        steps = (self.s - 1) * longer
        with np.errstate(invalid="ignore"):
            shrunk = np.where(np.abs(steps) > 1e-12, -np.expm1(-steps) / steps, 1.0)
        return (self.r + x) / (self.alpha + age) * (self.beta + age) * longer * shrunk

    def p_order_if_alive(self, horizon: float, frequency: ArrayLike, age: ArrayLike) -> NDArray[np.float64]:
        """The probability that a customer who is alive orders within the horizon.

        The first order is at time u with density (r + x) / (alpha + T + u) ((alpha + T) / (alpha + T + u))^(r + x), and
        until then nobody drops out with probability ((beta + T) / (beta + T + u))^s; the two rates are independent of
        each other in those alive. In v = ((alpha + T) / (alpha + T + u))^(r + x) the integrand is smooth.
        """
        x, age = (np.asarray(values, dtype=float)[:, None] for values in (frequency, age))
        ordered = np.empty(len(x))
        for start in range(0, len(x), CHUNK):
            count, since = x[start : start + CHUNK], age[start : start + CHUNK]
            least = np.exp(-(self.r + count) * np.log1p(horizon / (self.alpha + since)))
            v = least + (1 - least) * NODES
            u = (self.alpha + since) * np.expm1(-np.log(v) / (self.r + count))
            stays = np.exp(-self.s * np.log1p(u / (self.beta + since)))
            ordered[start : start + CHUNK] = (1 - least)[:, 0] * (stays @ WEIGHTS)
        return ordered


def log_likelihood(parameters: ArrayLike, histories: Histories) -> tuple[float, NDArray[np.float64]]:
    """The log-likelihood of all customers and its gradient by (r, alpha, s, beta).

    Gamma(r + x) alpha^r beta^s / Gamma(r) (alpha + T)^-(r + x) (beta + T)^-s (1 + d) with d the odds of having dropped
    out; the gradient of d is the mean of that of its integrand over when that may have been.
    """
    r, alpha, s, beta = parameters = np.asarray(parameters, dtype=float)
    x, by_count, weight = histories.counts, histories.count_weight, histories.weight
    customers = by_count.sum()
    value = by_count @ gammaln(r + x) + customers * (r * np.log(alpha) + s * np.log(beta) - gammaln(r))
    gradient = np.array(
        [
            by_count @ digamma(r + x) + customers * (np.log(alpha) - digamma(r)),
            customers * r / alpha,
            customers * np.log(beta),
            customers * s / beta,
        ]
    )
    for start in range(0, len(histories.x), CHUNK):
        rows = slice(start, start + CHUNK)
        part_value, part_gradient = _chunk(
            parameters,
            x[histories.x[rows]],
            histories.times[histories.recency[rows]],
            histories.times[histories.age[rows]],
            weight[rows],
        )
        value, gradient = value + part_value, gradient + part_gradient
    return float(value), gradient


def _chunk(parameters: NDArray, x: NDArray, t_x: NDArray, age: NDArray, weight: NDArray) -> tuple[float, NDArray]:
    """What depends on the times, summed over these rows, and its gradient."""
    r, alpha, s, beta = parameters
    log_odds, u, share = _dropped_out(parameters, x, t_x, age)
    small = np.exp(-np.abs(log_odds))
    dead = weight * np.where(log_odds > 0, 1.0, small) / (1 + small)
    to_alpha, to_beta = 1 / (alpha + age), 1 / (beta + age)
    log_alpha, log_beta = np.log(alpha + age), np.log(beta + age)
    softplus = np.maximum(log_odds, 0) + np.log1p(small)
    value = weighted_sum(weight, softplus - (r + x) * log_alpha - s * log_beta)
    then_alpha, then_beta = 1 / (alpha + u), 1 / (beta + u)
    mean_alpha, mean_beta = (share * then_alpha).sum(axis=1), (share * then_beta).sum(axis=1)
    gradient = [
        weighted_sum(dead, log_alpha + (share * np.log(then_alpha)).sum(axis=1)) - weighted_sum(weight, log_alpha),
        weighted_sum(dead, (r + x) * (to_alpha - mean_alpha)) - weighted_sum(weight, (r + x) * to_alpha),
        weighted_sum(dead, 1 / s + log_beta + (share * np.log(then_beta)).sum(axis=1)) - weighted_sum(weight, log_beta),
        weighted_sum(dead, s * to_beta - (s + 1) * mean_beta) - weighted_sum(weight, s * to_beta),
    ]
    return value, np.array(gradient)


def _dropped_out(parameters, x: NDArray, t_x: NDArray, age: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """The logarithm of the odds of having dropped out, when that may have been (rows, nodes), and the share of each.

    The odds are the integral over u from t_x to T of s / (beta + u) ((alpha + T) / (alpha + u))^(r + x)
    ((beta + T) / (beta + u))^s. In w = 1 - ((alpha + t_x) / (alpha + u))^(r + x), or the like with beta and s, the
    steeper of the two parts is flat.
    """
    r, alpha, s, beta = parameters
    t_x, age = t_x[:, None], age[:, None]
    power = (r + x)[:, None]
    steep = s / (beta + t_x) > power / (alpha + t_x)
    k, first = np.where(steep, s, power), np.where(steep, beta, alpha)
    m, other = np.where(steep, power, s), np.where(steep, alpha, beta)
    reach = k * np.log((first + age) / (first + t_x))
    width = -np.expm1(-reach)
    u = (first + t_x) * np.exp(-np.log1p(-width * NODES) / k) - first
    u = np.clip(u, t_x, age)
    log_density = m * np.log((other + age) / (other + u))
    log_density += np.where(steep, 0.0, np.log((first + u) / (other + u)))
    top = log_density.max(axis=1, keepdims=True)
    terms = np.exp(log_density - top) * WEIGHTS
    total = terms.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        log_odds = np.log(s) - np.log(k) + reach + np.log(width) + top + np.log(total)
    return log_odds[:, 0], u, terms / total
