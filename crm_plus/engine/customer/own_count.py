"""How many orders a customer will bring, from the customer's own history and nothing about how orders come about.

A Poisson regression whose logarithm is a sum of a step function of each feature (a generalized additive model: Hastie
and Tibshirani, 1986), learnt from what came after an earlier day. It knows a rhythm that the models of chance do not:
who orders every 30 days and has been silent for 20 orders soon, who has been silent for 90 does not.
Heavy module: import it inside the job.
"""

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .nbd import NbdModel
from .order_log import KnownCustomers

RIDGE = 2.0  # orders that a step must be worth before it counts half
STEPS = 12
ITERATIONS = 30
ORDERS = (1, 2, 3, 5, 9, 17)
SILENCE = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)  # in intervals of the customer's own
FEATURES = ("orders", "silence", "pace", "age", "waited")


@dataclass(frozen=True, slots=True)
class OwnCountModel:
    """Fitted effects on the logarithm of the orders within ``days``; times are in days.

    ``cuts`` and ``effects`` are a list a feature, each with one effect more than cuts. ``base`` is the rate the effects
    multiply: that of the NBD.
    """

    base: dict[str, float]
    days: int
    level: float
    cuts: tuple[tuple[float, ...], ...]
    effects: tuple[tuple[float, ...], ...]
    log_likelihood: float = np.nan
    customers: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain values; the class takes them back."""
        return asdict(self)

    def p_alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> NDArray[np.float64]:
        """Who is gone is part of the number of orders here; nobody is called gone."""
        return np.ones(np.shape(frequency))

    def rate(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> NDArray[np.float64]:
        """Orders a day."""
        offset, features = _features(self.base, frequency, recency, age)
        total = np.full(len(offset), self.level)
        for values, cuts, effects in zip(features, self.cuts, self.effects, strict=True):
            total += np.asarray(effects)[np.searchsorted(cuts, values, side="right")]
        return np.exp(total + offset)

    def orders(
        self,
        ends: ArrayLike,
        weights: NDArray,
        frequency: ArrayLike,
        recency: ArrayLike,
        age: ArrayLike,
        alive: NDArray | None = None,
    ) -> NDArray[np.float64]:
        """As of `alive_model.AliveModel`; the rate stays what it is."""
        lengths = np.diff(np.asarray(ends, dtype=float), prepend=0.0)
        return self.rate(frequency, recency, age)[:, None] * (lengths @ weights)

    def p_silent(
        self,
        horizon: float,
        frequency: ArrayLike,
        recency: ArrayLike,
        age: ArrayLike,
        alive: NDArray | None = None,
    ) -> NDArray[np.float64]:
        """The probability of no order within the horizon if orders come by chance at that rate; nobody is gone."""
        return np.exp(-horizon * self.rate(frequency, recency, age))


def fit_own_count(past: KnownCustomers, came: ArrayLike, days: int, base: NbdModel) -> OwnCountModel:
    """Learn from customers as they were on a day and the order days that ``came`` of each within ``days`` after it."""
    rate = {"r": base.r, "alpha": base.alpha}
    offset, features = _features(rate, *past.history)
    offset = offset + np.log(days)
    came = np.asarray(came, dtype=float)
    cuts = tuple(_cuts(name, values) for name, values in zip(FEATURES, features, strict=True))
    columns = [np.searchsorted(cut, values, side="right") for cut, values in zip(cuts, features, strict=True)]
    effects, level, value = _poisson(columns, [len(cut) + 1 for cut in cuts], offset, came)
    return OwnCountModel(rate, days, level, cuts, effects, value, len(came))


def _features(base: dict[str, float], frequency, recency, age) -> tuple[NDArray, tuple[NDArray, ...]]:
    """The logarithm of the rate a day that the NBD expects, and the features in the order of `FEATURES`.

    ``silence``: time since the last order in mean intervals, 0 without one; ``pace``: logarithm of own rate between
    first and last order over the NBD's, 0 without; ``waited``: age of customers who ordered once, 0 for others.
    """
    x, t_x, age = (np.asarray(values, dtype=float) for values in (frequency, recency, age))
    offset = np.log((base["r"] + x) / (base["alpha"] + age))
    repeats = (x > 0) & (t_x > 0)
    own = np.where(repeats, np.maximum(x, 1) / np.where(repeats, t_x, 1), 1)
    silence = np.where(repeats, (age - t_x) * own, 0)
    pace = np.where(repeats, np.log(own) - offset, 0)
    return offset, (x, silence, pace, age, np.where(x == 0, age, 0))


def _cuts(name: str, values: NDArray) -> tuple[float, ...]:
    if name == "orders":
        return tuple(map(float, ORDERS))
    if name == "silence":
        return (np.finfo(float).tiny, *SILENCE)
    known = values[values != 0]
    quantiles = np.quantile(known, np.arange(1, STEPS) / STEPS) if len(known) else ()
    return tuple(map(float, np.unique(quantiles)))


def _poisson(columns, sizes, offset: NDArray, came: NDArray) -> tuple[tuple, float, float]:
    """Effects of every step, the level, and the log-likelihood but for a constant: Newton's method, with a ridge."""
    starts = np.cumsum([0, *sizes])
    place = np.stack([column + start for column, start in zip(columns, starts[:-1], strict=True)], axis=1)
    n_effects = int(starts[-1])
    theta = np.zeros(n_effects + 1)
    theta[-1] = np.log(max(came.sum(), 0.5)) - np.log(np.exp(offset).sum())
    ridge = np.append(np.full(n_effects, RIDGE), 0.0)
    for _iteration in range(ITERATIONS):
        mean = np.exp(np.minimum(offset + theta[place].sum(axis=1) + theta[-1], 30))
        gradient = np.append(_by_step(place, came - mean, n_effects), (came - mean).sum()) - ridge * theta
        step = np.linalg.solve(_curvature(place, mean, n_effects) + np.diag(ridge), gradient)
        theta = theta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    fitted = offset + theta[place].sum(axis=1) + theta[-1]
    value = float((came * fitted - np.exp(fitted)).sum())
    effects = tuple(tuple(map(float, theta[a:b])) for a, b in pairwise(starts))
    return effects, float(theta[-1]), value


def _by_step(place: NDArray, values: NDArray, n_effects: int) -> NDArray[np.float64]:
    return np.bincount(place.ravel(), weights=np.repeat(values, place.shape[1]), minlength=n_effects)


def _curvature(place: NDArray, mean: NDArray, n_effects: int) -> NDArray[np.float64]:
    size = n_effects + 1
    whole = np.column_stack([place, np.full(len(place), n_effects)])
    matrix = np.zeros(size * size)
    for i in range(whole.shape[1]):
        for j in range(whole.shape[1]):
            matrix += np.bincount(whole[:, i] * size + whole[:, j], weights=mean, minlength=size * size)
    return matrix.reshape(size, size) + 1e-9 * np.eye(size)
