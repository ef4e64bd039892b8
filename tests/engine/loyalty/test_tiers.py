from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.loyalty.tiers import Standing, earned_rank, next_standing

TODAY = date(2026, 5, 12)
RANKS = st.integers(0, 4)


def test_a_limit_is_reached_exactly():
    assert earned_rank([100], [100]) == 1
    assert earned_rank([99.99], [100]) == 0


def test_as_many_measures_as_limits_are_needed():
    with pytest.raises(ValueError):
        earned_rank([1], [1, 2])


@given(now=RANKS, earned=RANKS, grace=st.integers(0, 60))
def test_nobody_falls_before_the_grace_is_over(now, earned, grace):
    standing, day = Standing(now), TODAY
    while standing.rank == now and day < TODAY + timedelta(days=99):
        standing = next_standing(standing, earned, today=day, grace_days=grace)
        day += timedelta(days=1)
    if earned < now:
        assert (standing, day - TODAY) == (Standing(earned), timedelta(days=grace + 1))
    elif earned > now:
        assert day - TODAY == timedelta(days=1)


def test_who_earns_the_tier_again_keeps_it():
    warned = next_standing(Standing(3), 1, today=TODAY, grace_days=30)
    assert next_standing(warned, 3, today=TODAY, grace_days=30) == Standing(3)


def test_what_is_given_by_hand_goes_before_what_is_earned():
    assert next_standing(Standing(1, TODAY), 3, today=TODAY, grace_days=30, given=2) == Standing(2)
