import gzip
from itertools import combinations
from os import environ
from pathlib import Path
from unittest.mock import ANY

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.customer.affinity import Affinity, Threshold, affinities

ALL = {"false_discoveries": 1}  # no test, for samples of a few baskets
BASKETS = [{"bread", "butter"}, {"bread", "butter", "jam"}, {"bread"}, {"jam"}, {"bread", "jam", "butter"}]


def lines(baskets):
    return zip(*((i, product) for i, basket in enumerate(baskets) for product in sorted(basket)), strict=True)


def test_figures_are_those_made_by_hand():
    pairs = {(pair.product, pair.other): pair for pair in affinities(*lines(BASKETS), Threshold(1, 0, 0, **ALL))}
    assert pairs["bread", "butter"] == Affinity("bread", "butter", 3, 3 / 5, 3 / 4, pytest.approx(5 / 4), ANY)
    assert pairs["butter", "bread"] == Affinity("butter", "bread", 3, 3 / 5, 1.0, pytest.approx(5 / 4), ANY)
    assert pairs["bread", "jam"] == Affinity("bread", "jam", 2, 2 / 5, 2 / 4, pytest.approx(5 / 6), ANY)


def test_pairs_below_a_threshold_have_no_row():
    assert {pair.together for pair in affinities(*lines(BASKETS), Threshold(3, 0, 0, **ALL))} == {3}
    assert {pair.product for pair in affinities(*lines(BASKETS), Threshold(1, 0.9, 0, **ALL))} == {"butter"}
    assert all(pair.lift >= 1 for pair in affinities(*lines(BASKETS), Threshold(1, **ALL)))


def test_a_product_twice_in_a_basket_counts_once():
    assert affinities([1, 1, 1], ["a", "a", "b"], Threshold(1, **ALL))[0].together == 1


def test_the_best_come_first_and_only_as_many_as_wanted():
    pairs = affinities(*lines(BASKETS), Threshold(1, 0, 0, **ALL))
    assert [pair.lift_low for pair in pairs] == sorted((pair.lift_low for pair in pairs), reverse=True)
    assert affinities(*lines(BASKETS), Threshold(1, 0, 0, **ALL), limit=2) == pairs[:2]


def test_no_baskets_have_no_pairs():
    assert affinities([], []) == []


def test_a_pair_that_is_never_together_is_no_threshold():
    with pytest.raises(ValueError, match="at least one"):
        Threshold(together=0)


@given(st.lists(st.sets(st.integers(1, 6), min_size=1), min_size=1, max_size=15))
def test_counts_are_those_of_a_plain_loop(baskets):
    counted = {}
    for basket in baskets:
        for left, right in combinations(sorted(basket), 2):
            counted[left, right] = counted.get((left, right), 0) + 1
            counted[right, left] = counted[left, right]
    pairs = affinities(*lines(baskets), Threshold(1, 0, 0, **ALL))
    assert {(pair.product, pair.other): pair.together for pair in pairs} == counted


SIZES = {
    "the same size": lambda rng, n: np.full(n, 4),
    "sizes by chance": lambda rng, n: 1 + rng.poisson(3, n),
    "many sizes": lambda rng, n: rng.geometric(0.2, n),
    "a few huge ones": lambda rng, n: np.ceil(np.exp(rng.normal(1, 1, n))).astype(int),
}


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(("products", "popularity"), [(30, 0.5), (200, 1.0)])
def test_independent_baskets_have_no_pairs_whatever_their_sizes(sizes, products, popularity):
    rng = np.random.default_rng(11)
    weights = 1 / np.arange(1, products + 1) ** popularity
    baskets = np.repeat(np.arange(6000), SIZES[sizes](rng, 6000))
    lines = baskets, rng.choice(products, len(baskets), p=weights / weights.sum())
    assert affinities(*lines, Threshold(**ALL))
    assert affinities(*lines) == []


@pytest.mark.parametrize("spread", [0.0, 0.7])
def test_products_that_are_each_in_a_basket_by_chance_have_no_pairs(spread):
    rng = np.random.default_rng(12)
    appetite = np.exp(rng.normal(0, spread, (5000, 1)))
    lines = np.nonzero(rng.random((5000, 30)) < np.minimum(appetite * np.linspace(0.5, 0.02, 30), 0.95))
    assert affinities(*lines) == []


def test_pairs_that_belong_together_are_found_among_many_that_do_not():
    rng = np.random.default_rng(13)
    held = rng.random((6000, 60)) < np.linspace(0.2, 0.02, 60)
    held[:, 41] |= held[:, 40] & (rng.random(6000) < 0.5)
    held[:, 51] |= held[:, 50] & (rng.random(6000) < 0.3)
    pairs = affinities(*np.nonzero(held))
    assert {frozenset((pair.product, pair.other)) for pair in pairs} == {frozenset((40, 41)), frozenset((50, 51))}
    assert all(1 < pair.lift_low < pair.lift for pair in pairs)


def test_the_lower_bound_puts_many_baskets_before_a_few_lucky_ones():
    many = [{"a", "b"}] * 60 + [{"a"}] * 20 + [{"b"}] * 20
    few = [{"x", "y"}] * 5
    other = [{f"o{n}", f"q{n % 7}"} for n in range(400)]
    pairs = affinities(*lines(many + few + other), Threshold(**ALL))
    by_pair = {(pair.product, pair.other): pair for pair in pairs}
    assert by_pair["x", "y"].lift > by_pair["a", "b"].lift
    assert by_pair["x", "y"].lift_low / by_pair["x", "y"].lift < by_pair["a", "b"].lift_low / by_pair["a", "b"].lift


@pytest.mark.parametrize("share", [0, 1.5])
def test_an_impossible_share_of_false_discoveries_is_refused(share):
    with pytest.raises(ValueError, match="false discoveries"):
        Threshold(false_discoveries=share)


def test_groceries_have_their_published_rule():
    """arules: {other vegetables} => {whole milk} has support 0.0748, confidence 0.3868, lift 1.5136."""
    path = Path(environ.get("GROCERIES_CSV", ""))
    if not path.is_file():
        pytest.skip("GROCERIES_CSV does not name the arules data set (9,835 baskets, one a line, gzip)")
    with gzip.open(path, "rt") as file:
        baskets = [set(line.split(",")) for line in file.read().splitlines()]
    pairs = {(pair.product, pair.other): pair for pair in affinities(*lines(baskets), Threshold(**ALL))}
    pair = pairs["other vegetables", "whole milk"]
    assert (pair.support, pair.confidence, pair.lift) == pytest.approx((0.0748, 0.3868, 1.5136), abs=5e-5)
