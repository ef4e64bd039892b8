from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.customer.rfm import RfmScore
from crm_plus.engine.loyalty.hysteresis import (
    HOVER_DAYS,
    Cuts,
    Outcome,
    Patience,
    RfmValues,
    ScoreChange,
    Stay,
    decide,
    held_score,
    rfm_score,
)
from crm_plus.engine.loyalty.segments import STANDARD_REGIONS, segment_of

CUTS = Cuts((7, 30, 90, 365), (2, 3, 5, 10), (100, 200, 500, 1000))
LOYAL = Stay("loyal", RfmScore(3, 4, 4), since=date(2026, 5, 1))
PATIENCE = Patience(margin=0.05, minimum_stay=14)

customers = st.builds(RfmValues, st.floats(0, 1000), st.floats(0, 20), st.floats(0, 2000))


def decision(values, *, stay=LOYAL, today=date(2026, 5, 20), patience=PATIENCE):
    return decide(stay, values, CUTS, STANDARD_REGIONS, today, patience)


def test_a_new_customer_enters_by_the_plain_scores():
    first = decision(RfmValues(3, 1, 50), stay=None)
    assert (first.outcome, first.region.code, first.moves) == (Outcome.ENTERED, "new", True)


def test_a_value_just_past_the_boundary_does_not_move_the_customer_and_says_so():
    kept = decision(RfmValues(92, 6, 600))
    assert (kept.outcome, kept.region.code, kept.moves) == (Outcome.WITHIN_MARGIN, "loyal", False)
    assert kept.changes == (ScoreChange("recency", 3, 2),)
    assert kept.score == LOYAL.score


def test_a_value_past_the_boundary_by_the_margin_moves_the_customer_with_the_reason():
    moved = decision(RfmValues(95, 6, 600))
    assert (moved.outcome, moved.region.code) == (Outcome.MOVED, "cannot_lose")
    assert [str(change) for change in moved.changes] == ["recency 3 -> 2"]


def test_nobody_moves_before_the_minimum_stay_is_over():
    kept = decision(RfmValues(200, 6, 600), today=date(2026, 5, 14))
    assert (kept.outcome, kept.region.code, kept.score) == (Outcome.MINIMUM_STAY, "loyal", LOYAL.score)
    assert decision(RfmValues(200, 6, 600), today=date(2026, 5, 15)).outcome == Outcome.MOVED


def test_a_segment_that_lost_the_score_by_an_edit_is_left_at_once():
    stranger = Stay("lost", RfmScore(3, 4, 4), since=date(2026, 5, 12))
    assert decision(RfmValues(60, 6, 600), stay=stranger).outcome == Outcome.MOVED


def test_a_change_of_score_within_the_segment_is_kept_without_a_move():
    same = decision(RfmValues(60, 11, 600))
    assert (same.outcome, same.score.code) == (Outcome.UNCHANGED, "354")


def moves(margin, days=60):
    """How often a customer moves whose age of the last order hovers at a boundary that moves along with it."""
    stay, count = LOYAL, 0
    for day in range(days):
        today = LOYAL.since + timedelta(days=day)
        result = decision(RfmValues(88 + day % 5, 6, 600), stay=stay, today=today, patience=Patience(margin, 0))
        count += result.moves
        stay = Stay(result.region.code, result.score, today if result.moves else stay.since)
    return count


def test_a_value_that_hovers_at_a_boundary_moves_the_customer_once_in_four_weeks_at_most():
    assert moves(margin=0) > 20
    assert moves(margin=0.05) <= 2


def test_the_margin_ends_so_that_equal_customers_end_in_the_same_segment():
    kept = decision(RfmValues(92, 6, 600), today=LOYAL.since + timedelta(days=HOVER_DAYS - 1))
    assert kept.outcome == Outcome.WITHIN_MARGIN
    moved = decision(RfmValues(92, 6, 600), today=LOYAL.since + timedelta(days=HOVER_DAYS))
    newcomer = decision(RfmValues(92, 6, 600), stay=None)
    assert (moved.outcome, moved.region.code) == (Outcome.MOVED, newcomer.region.code)


@pytest.mark.parametrize(("orders", "score"), [(2, 2), (3, 3), (5, 4), (10, 5)])
def test_a_known_customer_needs_as_many_orders_as_the_limits_say(orders, score):
    held = RfmScore(5, score - 1, 3)
    before = Stay(segment_of(held, STANDARD_REGIONS).code, held, since=date(2026, 1, 1))
    found = decision(RfmValues(3, orders, 300), stay=before)
    assert found.score.frequency == score
    assert found.region.code == decision(RfmValues(3, orders, 300), stay=None).region.code


def history(rng):
    """Days and amounts of one customer's orders within two years."""
    days = np.sort(rng.integers(0, 730, rng.geometric(0.25)))
    return days, rng.lognormal(4.5, 1, len(days)).round(2)


def followed(orders, patience, since, until=750, every=3):
    """The stay a customer ends in who has been looked at every few days since the day ``since``."""
    days, amounts = orders
    start, stay, outcome = date(2024, 1, 1), None, None
    for day in range(max(since, int(days[0])), until, every):
        seen = days <= day
        values = RfmValues(day - int(days[seen].max()), int(seen.sum()), float(amounts[seen].sum()))
        today = start + timedelta(days=day)
        outcome = decide(stay, values, CUTS, STANDARD_REGIONS, today, patience)
        stay = Stay(outcome.region.code, outcome.score, today if outcome.moves else stay.since)
    plain = segment_of(rfm_score(values, CUTS), STANDARD_REGIONS).code
    return stay.segment, plain


def test_of_3000_customers_hardly_any_is_in_another_segment_than_the_limits_say():
    rng = np.random.default_rng(8)
    ends = [followed(history(rng), Patience(0, 7), since=680, every=7) for _customer in range(3000)]
    assert sum(segment != plain for segment, plain in ends) <= 0.03 * 3000


@pytest.mark.parametrize("margin", [0, 0.05])
def test_identical_histories_end_in_the_same_segment_whenever_they_came_to_be_known(margin):
    rng = np.random.default_rng(9)
    for _customer in range(100):
        orders = history(rng)
        ends = {followed(orders, Patience(margin, 7), since, until=730 + 2 * HOVER_DAYS)[0] for since in (0, 500, 728)}
        assert len(ends) == 1


@given(customers)
def test_without_margin_and_stay_the_segment_is_that_of_the_plain_score(values):
    result = decision(values, patience=Patience(0, 0))
    assert result.region.code == segment_of(rfm_score(values, CUTS), STANDARD_REGIONS).code


@given(customers, st.floats(0, 0.3))
def test_the_plain_score_once_held_stands(values, margin):
    plain = rfm_score(values, CUTS)
    assert held_score(values, CUTS, plain, margin) == plain


@given(customers, st.floats(0, 0.3))
def test_deciding_twice_changes_nothing(values, margin):
    patience = Patience(margin, 0)
    first = decision(values, patience=patience)
    again = decision(values, stay=Stay(first.region.code, first.score, date(2026, 5, 20)), patience=patience)
    assert not again.moves


@pytest.mark.parametrize(("margin", "minimum_stay"), [(-0.1, 0), (1, 0), (0, -1)])
def test_an_impossible_patience_is_refused(margin, minimum_stay):
    with pytest.raises(ValueError, match="margin"):
        Patience(margin, minimum_stay)
