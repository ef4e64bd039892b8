import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.customer.pareto import AbcLimits, abc_classes, curve, gini, top_share

revenues = st.lists(st.integers(-100, 1000), max_size=50)


def classes(revenue, **limits):
    return "".join(abc_classes(revenue, AbcLimits(**limits)))


def test_the_customer_who_crosses_the_line_belongs_to_the_better_class():
    assert classes([60, 20, 10, 6, 4]) == "AABBC"
    assert classes([79, 2, 19]) == "ACA"


def test_exactly_at_the_line_the_next_customer_begins_the_next_class():
    assert classes([80, 15, 5]) == "ABC"


def test_equal_revenues_share_a_class():
    assert classes([10] * 10) == "A" * 10


def test_refunds_and_nothing_are_in_class_c_and_no_part_of_the_total():
    assert classes([80, 15, 5, 0, -500]) == "ABCCC"
    assert classes([0, 0]) == "CC"
    assert classes([]) == ""


@given(revenues, st.randoms())
def test_classes_do_not_depend_on_the_order_of_the_customers(revenue, random):
    class_of = dict(zip(revenue, abc_classes(revenue), strict=True))
    shuffled = random.sample(revenue, len(revenue))
    assert abc_classes(shuffled).tolist() == [class_of[value] for value in shuffled]


@given(revenues)
def test_class_a_brings_its_share_and_no_more_levels_than_it_needs(revenue):
    revenue = np.array(revenue, dtype=np.int64)
    best = revenue[abc_classes(revenue) == "A"]
    total = revenue[revenue > 0].sum()
    if total:
        assert 100 * best.sum() >= 80 * total
        assert 100 * best[best > best.min()].sum() < 80 * total


def test_the_best_twenty_percent_are_rounded_up():
    assert top_share([60, 20, 20]) == 0.6
    assert top_share([80, *[5] * 4]) == 0.8


def test_no_revenue_has_no_share_and_no_gini():
    assert top_share([]) is top_share([0, -1]) is gini([]) is gini([0]) is None


def test_gini_of_a_known_distribution():
    assert gini([1, 2, 3, 4]) == pytest.approx(0.25)


@given(revenues)
def test_gini_lies_between_equality_and_one(revenue):
    value = gini(revenue)
    assert value is None or -1e-12 <= value < 1


@pytest.mark.parametrize(("a", "b"), [(0, 50), (90, 80), (80, 101)])
def test_limits_that_do_not_rise_are_refused(a, b):
    with pytest.raises(ValueError, match="percentages rise"):
        AbcLimits(a, b)


@given(st.lists(st.integers(-100, 1000), max_size=250))
def test_the_curve_counts_each_customer_once(revenue):
    best_first = sorted((max(value, 0) for value in revenue), reverse=True)
    upto = {math.ceil(100 * place / len(best_first)): place for place in range(1, len(best_first) + 1)}
    found = curve(revenue)
    total = sum(best_first)
    assert [percent for percent, _share in found] == (list(upto) if total else [])
    for percent, share in found:
        assert share == pytest.approx(100 * sum(best_first[: upto[percent]]) / total, abs=0.0501)


def test_the_curve_of_three_customers_has_three_points():
    assert curve([10, 70, 20]) == [(34, 70.0), (67, 90.0), (100, 100.0)]
