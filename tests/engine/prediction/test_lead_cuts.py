"""Ranges of numbers, and what they are called."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.prediction.binning import Bins, learn_bins
from crm_plus.engine.prediction.cuts import round_cuts, roundest
from crm_plus.engine.prediction.features import Feature

NUMBERS = st.floats(-1e12, 1e12).filter(lambda number: number == 0 or abs(number) > 1e-9)
DAYS = Feature("days", "numeric")


def digits(number: float) -> int:
    return len(f"{abs(number):.17g}".split("e")[0].replace(".", "").strip("0"))


@given(NUMBERS, NUMBERS)
def test_a_round_number_lies_where_it_may_and_has_no_more_digits_than_the_ends(one, other):
    low, high = sorted((one, other))
    value = roundest(low, high)
    assert low <= value <= high
    assert digits(value) <= max(digits(low), digits(high), 1)


@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_few_distinct_numbers_have_a_range_each(values):
    cuts = round_cuts(np.array(values), 32)
    assert len(cuts) == len(set(values)) - 1
    assert len(set(np.searchsorted(cuts, values).tolist())) == len(set(values))


@pytest.mark.parametrize("spread", ["lognormal", "uniform", "exponential"])
def test_ranges_of_many_numbers_hold_their_share_give_or_take_a_fifth(spread):
    values = getattr(np.random.default_rng(0), spread)(size=6400)
    leads = np.bincount(np.searchsorted(round_cuts(values, 32), values))
    assert 155 < leads.min() <= leads.max() < 245


def test_amounts_are_cut_at_a_few_digits():
    amounts = np.random.default_rng(0).lognormal(8, 1, 5000).round(2)
    assert max(map(digits, round_cuts(amounts, 32))) <= 3


def test_whole_days_are_called_by_whole_days():
    ages = np.floor(np.random.default_rng(0).exponential(20, 3000)).tolist()
    bins = learn_bins(DAYS, ages, max_bins=8)
    assert all(cut == math.floor(cut) for cut in bins.cuts)
    assert all("." not in label for label in bins.labels())
    known = set(map(int, ages))
    for label, code in zip(bins.labels()[:-1], range(bins.ordered), strict=True):
        own = {age for age in known if bins.codes([age])[0] == code}
        assert f"{min(own)}" in label or label.startswith("up to")


def test_whole_numbers_are_told_from_others_also_after_json():
    whole, other = learn_bins(DAYS, [0, 1, 2, 5]), learn_bins(DAYS, [0.5, 1, 2, 5])
    assert whole.labels() == ("0", "1", "2 to 4", "5 or more", "(empty)")
    assert other.labels() == ("up to 0.5", "0.5 to 1", "1 to 4", "over 4", "(empty)")
    for bins in (whole, other):
        assert Bins.from_json(bins.to_json()) == bins


def test_numbers_that_are_not_finite_are_no_limits():
    assert learn_bins(DAYS, [1.0, float("inf"), 3.0, float("nan"), float("-inf")]).cuts == (2.0,)
