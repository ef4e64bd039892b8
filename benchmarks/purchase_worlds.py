"""Logs of made-up customers whose future is known: loyal, regular, bursty, seasonal, and customers who leave."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.purchase_logs import Log

DAYS = 4 * 365
START = np.datetime64("2022-01-01")
LAST_FIRST = 0.75  # first orders fall into this share of the time


def _gaps(rng, customers: int, shape: float, faster: float = 1.0) -> tuple[NDArray, NDArray, NDArray]:
    """Customer, first day and days of orders whose gaps are gamma with this shape; shape 1 is by chance."""
    first = rng.integers(0, round(DAYS * LAST_FIRST), customers).astype(float)
    rate = faster * rng.gamma(1.6, 1 / 180, customers) + 1e-4
    most = int(DAYS * rate.max() * 2) + 20
    gaps = rng.gamma(shape, 1 / (shape * rate)[:, None], (customers, most))
    gaps[:, 0] = 0
    times = first[:, None] + np.cumsum(gaps, axis=1)
    who, nth = np.nonzero(times < DAYS)
    return who, times[who, nth], first


def _leavers(rng, who: NDArray, times: NDArray, first: NDArray) -> NDArray[np.bool_]:
    """Which orders are placed before their customer leaves for good."""
    life = rng.exponential(1, len(first)) / rng.gamma(0.8, 1 / 400, len(first))
    return (times <= first[who] + life[who]) | (times == first[who])


def loyal(rng, customers: int) -> tuple[NDArray, NDArray]:
    """Each orders by chance at a rate of its own and never stops."""
    who, times, _first = _gaps(rng, customers, 1.0)
    return who, times


def regular(rng, customers: int) -> tuple[NDArray, NDArray]:
    """Each orders at nearly equal intervals; some leave."""
    who, times, first = _gaps(rng, customers, 8.0)
    kept = _leavers(rng, who, times, first) | (who % 2 == 0)
    return who[kept], times[kept]


def bursty(rng, customers: int) -> tuple[NDArray, NDArray]:
    """Orders come in bursts with long silences between."""
    who, times, _first = _gaps(rng, customers, 0.25)
    return who, times


def leaving(rng, customers: int) -> tuple[NDArray, NDArray]:
    """Each orders by chance until leaving: the world of the Pareto/NBD."""
    who, times, first = _gaps(rng, customers, 1.0)
    kept = _leavers(rng, who, times, first)
    return who[kept], times[kept]


def seasonal(rng, customers: int) -> tuple[NDArray, NDArray]:
    """Orders by chance, more than three times as many in November and December as in spring; some leave."""
    who, times, first = _gaps(rng, customers, 1.0, 2.0)
    month = np.minimum((times % 365) // 30.4, 11).astype(int)
    strength = np.array([0.5, 0.4, 0.3, 0.3, 0.3, 0.4, 0.5, 0.5, 0.6, 0.8, 1.0, 1.0])[month]
    kept = (rng.random(len(times)) < strength) & _leavers(rng, who, times, first)
    return who[kept], times[kept]


def christmas(rng, customers: int) -> tuple[NDArray, NDArray]:
    """Two or three orders each December, and nothing else; some leave."""
    first = rng.integers(0, 3, customers)
    life = rng.geometric(0.25, customers)
    year = np.repeat(np.arange(4)[None, :], customers, axis=0)
    active = (year >= first[:, None]) & (year < (first + life)[:, None])
    who, year = np.nonzero(active)
    orders = rng.integers(2, 4, len(who))
    times = np.repeat(year * 365 + 335, orders) + rng.uniform(0, 24, orders.sum())
    return np.repeat(who, orders), times


WORLDS: dict[str, Callable] = {
    "loyal": loyal,
    "regular": regular,
    "bursty": bursty,
    "leaving": leaving,
    "seasonal": seasonal,
    "christmas": christmas,
}


def world(name: str, customers: int = 2000, seed: int = 1) -> Log:
    """The log of one world."""
    rng = np.random.default_rng(seed)
    who, times = WORLDS[name](rng, customers)
    amounts = rng.lognormal(4, 0.5, customers)[who] * rng.lognormal(0, 0.3, len(who))
    return Log(who, START + times.astype(np.int64), amounts.round(2))
