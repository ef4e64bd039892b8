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


@pytest.mark.parametrize(("rates", "sizes"), [((0.12, 0.10), (900, 300)), ((0.30, 0.30), (400, 400))])
def test_the_fixed_interval_of_a_share_covers_the_truth_in_95_of_100_worlds(rates, sizes):
    rng = np.random.default_rng(11)
    ordered = [rng.binomial(size, rate, RUNS) for size, rate in zip(sizes, rates, strict=True)]
    hits = sum(
        covered(fixed(share(sizes[0], one), share(sizes[1], other), is_share=True), rates[0] - rates[1])
        for one, other in zip(*ordered, strict=True)
    )
    assert abs(hits / RUNS - 0.95) <= 0.01


def test_the_fixed_interval_of_revenue_covers_the_truth_in_95_of_100_worlds():
    """Most buy nothing, and who buys buys very different amounts."""
    rng = np.random.default_rng(5)

    def revenue(size, rate):
        return rng.binomial(1, rate, size) * rng.gamma(2, 60, size)

    truth = (0.25 - 0.20) * 120
    hits = sum(covered(fixed(arm(revenue(1500, 0.25)), arm(revenue(500, 0.20))), truth) for _ in range(RUNS))
    assert abs(hits / RUNS - 0.95) <= 0.01


@pytest.mark.parametrize("effect", [0.0, 0.04])
def test_who_looks_every_day_errs_in_at_most_5_of_100_worlds(effect):
    """40 customers a day for 120 days, a tenth held out."""
    rng = np.random.default_rng(7)
    reached, held, wrong = 36, 4, 0
    for _ in range(RUNS):
        one = np.cumsum(rng.binomial(reached, 0.1 + effect, 120))
        other = np.cumsum(rng.binomial(held, 0.1, 120))
        looks = (
            sequential(share(reached * day, one[day - 1]), share(held * day, other[day - 1]), is_share=True)
            for day in range(5, 121)
        )
        wrong += not all(covered(found, effect) for found in looks)
    assert wrong / RUNS <= 0.05


def test_who_looks_at_revenue_every_day_errs_in_at_most_5_of_100_worlds():
    """Half of 40 customers a day held out; a fifth of them buy very different amounts."""
    rng = np.random.default_rng(2)
    wrong = 0
    for _ in range(RUNS):
        arms = [rng.binomial(1, 0.2, (90, 20)) * rng.gamma(2, 60, (90, 20)) for _arm in range(2)]
        sums = [(np.cumsum(values.sum(1)), np.cumsum((values**2).sum(1))) for values in arms]
        looks = (
            sequential(*(Arm(20 * day, total[day - 1], squares[day - 1]) for total, squares in sums))
            for day in range(10, 91)
        )
        wrong += not all(covered(found, 0) for found in looks)
    assert wrong / RUNS <= 0.05


def test_who_looks_every_day_at_the_fixed_interval_errs_far_more_often():
    rng = np.random.default_rng(3)
    wrong = 0
    for _ in range(300):
        one, other = (np.cumsum(rng.binomial(20, 0.2, 100)) for _arm in range(2))
        looks = (fixed(share(20 * d, one[d - 1]), share(20 * d, other[d - 1]), is_share=True) for d in range(2, 101))
        wrong += not all(covered(found, 0) for found in looks)
    assert wrong / 300 > 0.15


def test_a_difference_is_seen_as_often_as_was_said_beforehand():
    rng = np.random.default_rng(9)
    least = detectable(2000, 2000, math.sqrt(0.1 * 0.9))
    ordered = rng.binomial(2000, 0.1 + least, RUNS), rng.binomial(2000, 0.1, RUNS)
    seen = sum(fixed(share(2000, a), share(2000, b), is_share=True).low > 0 for a, b in zip(*ordered, strict=True))
    assert 0.74 <= seen / RUNS <= 0.86


def test_with_few_customers_nothing_is_said():
    assert fixed(share(19, 3), share(1000, 90)).low is None
    assert sequential(share(1000, 90), share(19, 3), is_share=True).is_noise
    assert sequential(share(1000, 90), share(199, 3)).low is None
    assert detectable(19, 1000, 0.3) is None


def test_equal_values_are_no_certainty():
    found = sequential(share(30, 0), share(30, 0), is_share=True)
    assert found.low < 0 < found.high
    assert fixed(Arm(30, 0.0, 0.0), Arm(30, 0.0, 0.0)).is_noise
