"""Intervals cover the truth as often as they say, whoever looks and how often."""

import math

import numpy as np
import pytest

from crm_plus_followup.engine.followup.uplift import Arm, detectable, fixed, sequential, share

RUNS = 2000


def arm(values) -> Arm:
    return Arm(len(values), float(values.sum()), float((values**2).sum()))


def covered(found, truth) -> bool:
    return found.low <= truth <= found.high


@pytest.mark.parametrize(
    ("rates", "sizes"),
    [((0.12, 0.10), (900, 300)), ((0.30, 0.30), (400, 400)), ((0.15, 0.05), (900, 100)), ((0.02, 0.01), (9000, 1000))],
)
def test_the_fixed_interval_of_a_share_covers_the_truth_in_95_of_100_worlds(rates, sizes):
    rng = np.random.default_rng(11)
    ordered = [rng.binomial(size, rate, RUNS) for size, rate in zip(sizes, rates, strict=True)]
    hits = sum(
        covered(fixed(share(sizes[0], one), share(sizes[1], other), is_share=True), rates[0] - rates[1])
        for one, other in zip(*ordered, strict=True)
    )
    assert abs(hits / RUNS - 0.95) <= 0.01


AMOUNTS = {
    "gamma": (lambda rng, size: rng.gamma(2, 60, size), 120),
    "log-normal": (lambda rng, size: rng.lognormal(4, 1, size), math.exp(4.5)),
    "pareto": (lambda rng, size: 100 * (rng.pareto(2.5, size) + 1), 100 * 2.5 / 1.5),
}


def revenue(rng, kind, rate, size):
    """Most buy nothing, and who buys buys very different amounts."""
    return rng.binomial(1, rate, size) * AMOUNTS[kind][0](rng, size)


@pytest.mark.parametrize("kind", AMOUNTS)
@pytest.mark.parametrize(("rates", "sizes"), [((0.25, 0.20), (1350, 150)), ((0.10, 0.10), (500, 500))])
def test_the_fixed_interval_of_revenue_covers_the_truth_in_95_of_100_worlds(kind, rates, sizes):
    """The Pareto distribution has no third moment: its tail is as heavy as that of revenue gets."""
    rng = np.random.default_rng(5)
    truth = (rates[0] - rates[1]) * AMOUNTS[kind][1]
    worlds = [[arm(revenue(rng, kind, *pair)) for pair in zip(rates, sizes, strict=True)] for _ in range(RUNS)]
    said = [found for found in (fixed(*arms) for arms in worlds) if found.low is not None]
    assert len(said) > 0.9 * RUNS
    assert abs(sum(covered(found, truth) for found in said) / len(said) - 0.95) <= 0.0125


def test_a_variance_of_each_arm_would_miss_the_truth_far_more_often():
    """What the interval is there for: few held out, few of whom order, very different amounts."""
    rng = np.random.default_rng(6)
    missed = 0
    for _ in range(500):
        one, other = revenue(rng, "log-normal", 0.1, 1800), revenue(rng, "log-normal", 0.1, 200)
        error = math.sqrt(one.var() / 1800 + other.var() / 200)
        missed += abs(one.mean() - other.mean()) > 1.97 * error
    assert missed / 500 > 0.075


@pytest.mark.parametrize(("rate", "effect"), [(0.1, 0.0), (0.1, 0.04), (0.02, 0.0)])
def test_who_looks_every_day_errs_in_at_most_5_of_100_worlds(rate, effect):
    """40 customers a day for 120 days, a tenth held out."""
    rng = np.random.default_rng(7)
    reached, held, wrong = 36, 4, 0
    for _ in range(RUNS):
        one = np.cumsum(rng.binomial(reached, rate + effect, 120))
        other = np.cumsum(rng.binomial(held, rate, 120))
        looks = (
            sequential(share(reached * day, one[day - 1]), share(held * day, other[day - 1]), is_share=True)
            for day in range(5, 121)
        )
        wrong += not all(found.low is None or covered(found, effect) for found in looks)
    assert wrong / RUNS <= 0.05


@pytest.mark.parametrize("kind", AMOUNTS)
def test_who_looks_at_revenue_every_day_errs_in_at_most_5_of_100_worlds(kind):
    """40 customers a day for 90 days, a tenth held out; a fifth of them buy very different amounts."""
    rng = np.random.default_rng(2)
    wrong = said = 0
    for _ in range(RUNS // 2):
        arms = [(size, revenue(rng, kind, 0.2, (90, size))) for size in (36, 4)]
        sums = [(size, np.cumsum(values.sum(1)), np.cumsum((values**2).sum(1))) for size, values in arms]
        looks = [
            sequential(*(Arm(size * day, total[day - 1], squares[day - 1]) for size, total, squares in sums))
            for day in range(6, 91)
        ]
        wrong += not all(found.low is None or covered(found, 0) for found in looks)
        said += looks[-1].low is not None
    assert said > 0.9 * RUNS // 2
    assert wrong / (RUNS // 2) <= 0.05


def test_who_looks_every_day_at_the_fixed_interval_errs_far_more_often():
    rng = np.random.default_rng(3)
    wrong = 0
    for _ in range(300):
        one, other = (np.cumsum(rng.binomial(20, 0.2, 100)) for _arm in range(2))
        looks = (fixed(share(20 * d, one[d - 1]), share(20 * d, other[d - 1]), is_share=True) for d in range(2, 101))
        wrong += not all(found.low is None or covered(found, 0) for found in looks)
    assert wrong / 300 > 0.15


def test_a_difference_is_seen_as_often_as_was_said_beforehand():
    rng = np.random.default_rng(9)
    least = detectable(2000, 2000, math.sqrt(0.1 * 0.9))
    ordered = rng.binomial(2000, 0.1 + least, RUNS), rng.binomial(2000, 0.1, RUNS)
    seen = sum(fixed(share(2000, a), share(2000, b), is_share=True).low > 0 for a, b in zip(*ordered, strict=True))
    assert 0.74 <= seen / RUNS <= 0.86


def test_with_few_customers_or_orders_nothing_is_said():
    assert fixed(share(19, 3), share(1000, 90), is_share=True).low is None
    assert sequential(share(1000, 90), share(19, 3), is_share=True).is_noise
    # 4 of 40 orders are expected among those held out, and of those who did not order
    assert fixed(share(900, 40), share(100, 0), is_share=True).low is None
    assert fixed(share(900, 860), share(100, 100), is_share=True).low is None
    assert fixed(share(900, 60), share(100, 0), is_share=True).low is not None
    # one order makes nearly all of the revenue
    assert fixed(Arm(900, 10_000.0, 90_000_000.0), Arm(900, 900.0, 9_000.0)).low is None
    assert detectable(19, 1000, 0.3) is None


def test_equal_values_are_no_certainty():
    assert sequential(share(30, 0), share(30, 0), is_share=True).is_noise
    assert fixed(Arm(30, 0.0, 0.0), Arm(30, 0.0, 0.0)).is_noise
    assert fixed(share(30, 30), share(30, 30), is_share=True).is_noise


def test_what_is_lost_on_the_whole_is_compared_all_the_same():
    rng = np.random.default_rng(4)
    one, other = rng.normal(-30, 10, 400), rng.normal(-40, 10, 400)
    found = fixed(arm(one), arm(other))
    assert 9 < found.low < found.difference < found.high < 12.5
