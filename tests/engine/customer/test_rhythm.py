from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.customer.rhythm import (
    Rhythm,
    customer_rhythm,
    order_gaps,
    patience,
    population_interval,
    population_spread,
    shrunk_interval,
)

START = date(2026, 1, 1)


def days(*offsets):
    return [START + timedelta(days=offset) for offset in offsets]


def test_one_order_has_no_rhythm():
    assert customer_rhythm(days(0), population=30.0) is None
    assert customer_rhythm(days(0, 0), population=30.0) is None
    assert customer_rhythm([], population=30.0) is None


def test_one_long_holiday_does_not_change_the_rhythm():
    regular = customer_rhythm(days(0, 30, 60, 90, 120), population=None)
    holiday = customer_rhythm(days(0, 30, 60, 90, 300), population=None)
    assert regular.interval == holiday.interval == 30


def test_few_gaps_lean_on_the_population_and_many_do_not():
    few = customer_rhythm(days(0, 10), population=100.0)
    many = customer_rhythm(days(*range(0, 1000, 10)), population=100.0)
    assert few.interval == pytest.approx(10 ** (1 / 3) * 100 ** (2 / 3))
    assert 10 < many.interval < 10.5


def test_a_customer_who_missed_one_order_is_overdue_by_one_interval():
    rhythm = customer_rhythm(days(0, 30, 60), population=None)
    today = START + timedelta(days=120)
    assert rhythm.next_order == START + timedelta(days=90)
    assert (rhythm.overdue_ratio(today), rhythm.overdue_days(today)) == (2.0, 30)


def test_a_population_without_repeaters_has_no_interval():
    assert population_interval([days(0), []]) is None


def test_a_daily_buyer_weighs_no_more_than_another_customer():
    assert population_interval([days(*range(100)), days(0, 30), days(0, 50)]) == 30


@given(st.lists(st.integers(0, 3000), min_size=2, max_size=40), st.randoms())
def test_the_order_of_the_orders_is_irrelevant(offsets, random):
    shuffled = random.sample(offsets, len(offsets))
    assert customer_rhythm(days(*shuffled), 30.0) == customer_rhythm(days(*offsets), 30.0)


@given(st.floats(1, 1000), st.integers(1, 100), st.floats(1, 1000))
def test_the_interval_lies_between_the_customers_own_and_the_populations(own, gaps, population):
    interval = shrunk_interval(own, gaps, population)
    assert min(own, population) * (1 - 1e-12) <= interval <= max(own, population) * (1 + 1e-12)


def test_several_orders_on_one_day_are_one():
    assert order_gaps(days(0, 0, 5, 5)) == [5]


def test_an_interval_of_nothing_is_refused():
    with pytest.raises(ValueError, match="positive"):
        shrunk_interval(0, 1, 30)


def test_a_due_customer_is_neither_early_nor_overdue():
    rhythm = Rhythm(interval=10, gaps=3, last_order=START)
    assert rhythm.overdue_days(START + timedelta(days=10)) == 0


def buyers(shape, seed=5, customers=500, years=4):
    """Days of orders of customers who never stop and whose gaps are gamma with this shape, and the last day."""
    rng, span = np.random.default_rng(seed), years * 365
    first, rate = rng.integers(0, span * 0.6, customers), rng.gamma(1.6, 1 / 120, customers) + 1 / 400
    gaps = rng.gamma(shape, 1 / (shape * rate)[:, None], (customers, int(span * rate.max() * 2) + 30))
    times = first[:, None] + np.cumsum(gaps, axis=1)
    return [days(*map(int, row[row < span])) for row in times], START + timedelta(days=span)


def christmas_buyers(customers=200, years=4):
    rng = np.random.default_rng(6)
    return [
        days(*(year * 365 + 335 + int(day) for year in range(years) for day in rng.integers(0, 24, 3)))
        for _customer in range(customers)
    ]


def overdue_share(customers, today):
    known = [[day for day in one if day <= today] for one in customers]
    population, spread = population_interval(known), population_spread(known)
    rhythms = [rhythm for one in known if (rhythm := customer_rhythm(one, population, spread))]
    return sum(rhythm.is_overdue(today) for rhythm in rhythms) / len(rhythms)


@pytest.mark.parametrize(("shape", "limit"), [(8, 0.10), (3, 0.10), (1, 0.10), (0.25, 0.40)])
def test_customers_who_still_buy_are_hardly_ever_overdue(shape, limit):
    assert overdue_share(*buyers(shape)) <= limit


@pytest.mark.parametrize("shape", [8, 3, 1])
def test_customers_who_have_left_are_overdue_within_a_year_or_two(shape):
    customers, today = buyers(shape)
    assert overdue_share(customers, today + timedelta(days=365)) > 0.8
    assert overdue_share(customers, today + timedelta(days=1000)) > 0.95


def test_christmas_buyers_are_not_overdue_out_of_season_and_are_after_they_missed_one():
    customers = christmas_buyers()
    for day in (30, 150, 250, 330):
        today = START + timedelta(days=4 * 365 + day)
        assert overdue_share(customers, today) == 0
        others, _today = buyers(1, years=5)
        assert overdue_share(others + customers, today) < 0.1
    missed = START + timedelta(days=5 * 365 + 60)
    assert overdue_share([*buyers(8)[0], *customers], missed) > 0.9


@given(st.lists(st.integers(1, 2000), min_size=1, max_size=30), st.floats(1, 1000), st.floats(0.1, 2))
def test_patience_is_finite_and_longer_than_the_usual_interval_of_equal_gaps(gaps, population, spread):
    waited = patience(gaps, population, spread)
    assert 0 < waited <= 36_525
    if len(set(gaps)) == 1 and gaps[0] < 1000:
        assert waited > shrunk_interval(gaps[0], len(gaps), population)
