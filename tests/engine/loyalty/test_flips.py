"""The scores one step from here."""

from math import inf

from crm_plus.engine.customer.rfm import RfmScore
from crm_plus.engine.loyalty.flips import Standing
from crm_plus.engine.loyalty.hysteresis import HOVER_DAYS, Cuts

CUTS = Cuts((10, 20, 30, 40), (2, 3, 5, 10), (50, 100, 500, 1000))


def test_waiting_lowers_recency_alone_as_far_as_the_days_go():
    standing = Standing(RfmScore(5, 3, 3), age=9, orders=3, revenue=100)
    codes = [standing.waiting(days, CUTS, 0).code for days in (0, 1, 2, 11, 12, 31, 32)]
    assert codes == ["533", "533", "433", "433", "333", "233", "133"]


def test_what_is_held_is_left_when_the_margin_is_passed_or_the_patience_over():
    held = Standing(RfmScore(3, 3, 3), age=21, orders=3, held=RfmScore(4, 3, 3), stayed=5, revenue=100)
    assert [held.waiting(days, CUTS, 0.1).recency for days in (1, 2)] == [4, 3]
    long = Standing(RfmScore(3, 3, 2), 21, 3, held=RfmScore(3, 3, 3), stayed=HOVER_DAYS - 3, revenue=98)
    assert [long.waiting(days, CUTS, 0.1).monetary for days in (2, 3)] == [3, 2]


def test_an_order_is_the_most_recent_one_of_all_and_adds_to_revenue():
    standing = Standing(RfmScore(1, 2, 2), age=45, orders=2, revenue=80, usual_order=40)
    assert standing.ordering(CUTS, 0) == RfmScore(5, 3, 3)
    held = Standing(RfmScore(1, 2, 2), 45, 2, RfmScore(1, 2, 2), revenue=80, usual_order=21)
    assert held.ordering(CUTS, 0.05) == RfmScore(5, 3, 2), "101 is within the margin of 100"


def test_without_amounts_revenue_scores_as_before():
    assert Standing(RfmScore(1, 2, 2), age=45, orders=2).ordering(CUTS, 0) == RfmScore(5, 3, 2)
    assert Standing(RfmScore(1, 2, 2), 45, 2, RfmScore(1, 2, 3)).ordering(CUTS, 0) == RfmScore(5, 3, 3)
    assert Standing(RfmScore(1, 2, 2), age=45, orders=2, revenue=80).ordering(CUTS, 0) == RfmScore(5, 3, 2)


def test_an_order_that_leaves_frequency_as_it_is_is_no_step():
    assert Standing(RfmScore(1, 3, 2), age=45, orders=3).ordering(CUTS, 0) is None


def test_a_limit_that_nobody_reaches():
    never = Cuts((-inf, -inf, 20, 30), (2, 3, 5, 10), (50, 100, 500, 1000))
    assert Standing(RfmScore(1, 1, 1), age=45, orders=1, revenue=10).ordering(never, 0) == RfmScore(3, 2, 1)
