from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.customer.rhythm import Rhythm, customer_rhythm, order_gaps, population_interval, shrunk_interval

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
