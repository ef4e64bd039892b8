"""The scores one step from here."""

from math import inf

from crm_plus.engine.customer.rfm import RfmScore
from crm_plus.engine.loyalty.flips import Limits, Standing

LIMITS = Limits((10, 20, 30, 40), (2, 3, 5, 10), (50, 100, 500, 1000))


def test_waiting_lowers_recency_alone_as_far_as_the_days_go():
    standing = Standing(RfmScore(5, 3, 3), last_day=41, orders=3)
    codes = [standing.waiting(days, LIMITS).code for days in (0, 1, 2, 11, 12, 31, 32)]
    assert codes == ["533", "533", "433", "433", "333", "233", "133"]


def test_an_order_is_the_most_recent_one_of_all_and_adds_to_revenue():
    standing = Standing(RfmScore(1, 2, 2), last_day=5, orders=2, revenue=80, usual_order=40)
    assert standing.ordering(50, LIMITS) == RfmScore(5, 3, 3)


def test_without_amounts_revenue_scores_as_before():
    assert Standing(RfmScore(1, 2, 2), last_day=5, orders=2).ordering(50, LIMITS) == RfmScore(5, 3, 2)
    assert Standing(RfmScore(1, 2, 2), last_day=5, orders=2, revenue=80).ordering(50, LIMITS) == RfmScore(5, 3, 2)


def test_an_order_that_leaves_frequency_as_it_is_is_no_step():
    assert Standing(RfmScore(1, 3, 2), last_day=5, orders=3).ordering(50, LIMITS) is None


def test_a_limit_that_nobody_reaches():
    never = Limits((10, 20, inf, inf), (2, 3, 5, 10), (50, 100, 500, 1000))
    assert Standing(RfmScore(1, 1, 1), last_day=5, orders=1).ordering(50, never) == RfmScore(3, 2, 1)
