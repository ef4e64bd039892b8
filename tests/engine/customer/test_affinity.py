import gzip
from itertools import combinations
from os import environ
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.customer.affinity import Affinity, Threshold, affinities

BASKETS = [{"bread", "butter"}, {"bread", "butter", "jam"}, {"bread"}, {"jam"}, {"bread", "jam", "butter"}]


def lines(baskets):
    return zip(*((i, product) for i, basket in enumerate(baskets) for product in sorted(basket)), strict=True)


def test_figures_are_those_made_by_hand():
    pairs = {(pair.product, pair.other): pair for pair in affinities(*lines(BASKETS), Threshold(1, 0, 0))}
    assert pairs["bread", "butter"] == Affinity("bread", "butter", 3, 3 / 5, 3 / 4, pytest.approx(5 / 4))
    assert pairs["butter", "bread"] == Affinity("butter", "bread", 3, 3 / 5, 1.0, pytest.approx(5 / 4))
    assert pairs["bread", "jam"] == Affinity("bread", "jam", 2, 2 / 5, 2 / 4, pytest.approx(5 / 6))


def test_pairs_below_a_threshold_have_no_row():
    assert {pair.together for pair in affinities(*lines(BASKETS), Threshold(3, 0, 0))} == {3}
    assert {pair.product for pair in affinities(*lines(BASKETS), Threshold(1, 0.9, 0))} == {"butter"}
    assert all(pair.lift >= 1 for pair in affinities(*lines(BASKETS), Threshold(1)))


def test_a_product_twice_in_a_basket_counts_once():
    assert affinities([1, 1, 1], ["a", "a", "b"], Threshold(1))[0].together == 1


def test_the_best_come_first_and_only_as_many_as_wanted():
    pairs = affinities(*lines(BASKETS), Threshold(1, 0, 0))
    assert [pair.lift for pair in pairs] == sorted((pair.lift for pair in pairs), reverse=True)
    assert affinities(*lines(BASKETS), Threshold(1, 0, 0), limit=2) == pairs[:2]


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
    pairs = affinities(*lines(baskets), Threshold(1, 0, 0))
    assert {(pair.product, pair.other): pair.together for pair in pairs} == counted


def test_groceries_have_their_published_rule():
    """arules: {other vegetables} => {whole milk} has support 0.0748, confidence 0.3868, lift 1.5136."""
    path = Path(environ.get("GROCERIES_CSV", ""))
    if not path.is_file():
        pytest.skip("GROCERIES_CSV does not name the arules data set (9,835 baskets, one a line, gzip)")
    with gzip.open(path, "rt") as file:
        baskets = [set(line.split(",")) for line in file.read().splitlines()]
    pairs = {(pair.product, pair.other): pair for pair in affinities(*lines(baskets))}
    pair = pairs["other vegetables", "whole milk"]
    assert (pair.support, pair.confidence, pair.lift) == pytest.approx((0.0748, 0.3868, 1.5136), abs=5e-5)
