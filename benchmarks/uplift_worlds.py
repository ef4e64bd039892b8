"""Worlds of contacted customers and of those held out, and what the intervals say of them."""

import math
from collections.abc import Iterable

import numpy as np

from benchmarks.harness import Figure, at_least, at_most
from crm_plus_followup.engine.followup.uplift import Arm, fixed, sequential, share

RUNS = 2000
# 95 %, less 1, less what 2,000 runs leave to chance.
LEAST = 93.5

# What a customer who orders orders for, and its mean.
AMOUNTS = {
    "gamma": (lambda rng, size: rng.gamma(2, 60, size), 120),
    "log-normal 1": (lambda rng, size: rng.lognormal(4, 1, size), math.exp(4.5)),
    "log-normal 1.5": (lambda rng, size: rng.lognormal(4, 1.5, size), math.exp(4 + 1.5**2 / 2)),
    "Pareto 2.5": (lambda rng, size: 100 * (rng.pareto(2.5, size) + 1), 100 * 2.5 / 1.5),
}
# (rate of the contacted, of those held out), (customers of each).
ONCE_SHARES = [
    ((0.12, 0.10), (900, 300)), ((0.30, 0.30), (400, 400)), ((0.15, 0.05), (900, 100)), ((0.02, 0.01), (9000, 1000)),
    ((0.30, 0.20), (60, 20)), ((0.12, 0.10), (45, 45)), ((0.02, 0.02), (900, 100)),
]  # fmt: skip
ONCE_AMOUNTS = [
    ((0.25, 0.20), (900, 100)), ((0.10, 0.10), (500, 500)), ((0.05, 0.05), (4500, 500)), ((0.08, 0.05), (2700, 300)),
    ((0.25, 0.20), (180, 20)),
]  # fmt: skip
# (rates), (customers a day), days.
DAILY = [((0.20, 0.20), (36, 4), 90), ((0.25, 0.20), (36, 4), 90), ((0.20, 0.20), (20, 20), 90)]
DAILY_SHARES = [*DAILY, ((0.02, 0.02), (36, 4), 180), ((0.30, 0.30), (8, 2), 120)]


def figures(options) -> Iterable[Figure]:
    """All figures, in percent."""
    runs, rng = max(int(RUNS * options.scale), 20), np.random.default_rng(1)
    for rates, sizes in ONCE_SHARES:
        yield from _once(f"orders, {_world(rates, sizes)}", *_shares_once(rng, runs, rates, sizes))
    for kind in AMOUNTS:
        for rates, sizes in ONCE_AMOUNTS:
            yield from _once(f"revenue ({kind}), {_world(rates, sizes)}", *_amounts_once(rng, runs, kind, rates, sizes))
    for rates, sizes, days in DAILY_SHARES:
        yield _daily(f"orders, {_world(rates, sizes)} a day", _looks(rng, runs, None, rates, sizes, days))
    for kind in AMOUNTS:
        for rates, sizes, days in DAILY:
            yield _daily(f"revenue ({kind}), {_world(rates, sizes)} a day", _looks(rng, runs, kind, rates, sizes, days))


def _world(rates, sizes):
    return f"{rates[0]:.0%} of {sizes[0]} and {rates[1]:.0%} of {sizes[1]}"


def _once(world, found, truth):
    """Of those about whom something is said, how many intervals cover the truth."""
    said = [interval for interval in found if interval.low is not None]
    yield Figure(f"{world}: said", 100 * len(said) / len(found), "%")
    if len(said) < len(found) / 2:
        return
    covered = 100 * sum(interval.low <= truth <= interval.high for interval in said) / len(said)
    yield at_least(f"{world}: covers the truth", covered, LEAST, "%")


def _daily(world, missed):
    return at_most(f"{world}: errs at any look", 100 * missed, 5, "%")


def _shares_once(rng, runs, rates, sizes):
    ordered = [rng.binomial(size, rate, runs) for size, rate in zip(sizes, rates, strict=True)]
    found = [
        fixed(share(sizes[0], one), share(sizes[1], other), is_share=True) for one, other in zip(*ordered, strict=True)
    ]
    return found, rates[0] - rates[1]


def _amounts_once(rng, runs, kind, rates, sizes):
    draw, mean = AMOUNTS[kind]
    found = []
    for _ in range(runs):
        values = [rng.binomial(1, rate, size) * draw(rng, size) for rate, size in zip(rates, sizes, strict=True)]
        found.append(fixed(*(Arm(len(some), float(some.sum()), float((some**2).sum())) for some in values)))
    return found, (rates[0] - rates[1]) * mean


def _looks(rng, runs, kind, rates, sizes, days):
    """In which share of worlds an interval of any day misses the truth."""
    draw, mean = AMOUNTS[kind] if kind else (lambda _rng, _size: 1.0, 1)
    truth, wrong = (rates[0] - rates[1]) * mean, 0
    for _ in range(runs):
        values = [
            rng.binomial(1, rate, (days, size)) * draw(rng, (days, size))
            for rate, size in zip(rates, sizes, strict=True)
        ]
        totals, squares = ([np.cumsum((some**power).sum(1)) for some in values] for power in (1, 2))
        for day in range(days):
            arms = [Arm(size * (day + 1), totals[i][day], squares[i][day]) for i, size in enumerate(sizes)]
            looked = sequential(*arms, is_share=kind is None)
            if looked.low is not None and not looked.low <= truth <= looked.high:
                wrong += 1
                break
    return wrong / runs
