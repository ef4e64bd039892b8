from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.customer.rfm import RfmScore
from crm_plus.engine.loyalty.hysteresis import (
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
LOYAL = Stay("loyal", RfmScore(3, 4, 4), since=date(2026, 1, 1))
PATIENCE = Patience(margin=0.05, minimum_stay=14)

customers = st.builds(RfmValues, st.floats(0, 1000), st.floats(0, 20), st.floats(0, 2000))


def decision(values, *, stay=LOYAL, today=date(2026, 5, 12), patience=PATIENCE):
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
    kept = decision(RfmValues(200, 6, 600), today=date(2026, 1, 14))
    assert (kept.outcome, kept.region.code, kept.score) == (Outcome.MINIMUM_STAY, "loyal", LOYAL.score)
    assert decision(RfmValues(200, 6, 600), today=date(2026, 1, 15)).outcome == Outcome.MOVED


def test_a_segment_that_lost_the_score_by_an_edit_is_left_at_once():
    stranger = Stay("lost", RfmScore(3, 4, 4), since=date(2026, 5, 12))
    assert decision(RfmValues(60, 6, 600), stay=stranger).outcome == Outcome.MOVED


def test_a_change_of_score_within_the_segment_is_kept_without_a_move():
    same = decision(RfmValues(60, 11, 600))
    assert (same.outcome, same.score.code) == (Outcome.UNCHANGED, "354")


def test_a_value_that_hovers_at_a_boundary_never_flaps():
    stay, outcomes = LOYAL, set()
    for day in range(60):
        result = decision(RfmValues(88 + day % 5, 6, 600), stay=stay, patience=Patience(0.05, 0))
        outcomes.add(result.region.code)
        stay = Stay(result.region.code, result.score, stay.since)
    assert outcomes == {"loyal"}


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
    again = decision(values, stay=Stay(first.region.code, first.score, date(2026, 5, 12)), patience=patience)
    assert not again.moves


@pytest.mark.parametrize(("margin", "minimum_stay"), [(-0.1, 0), (1, 0), (0, -1)])
def test_an_impossible_patience_is_refused(margin, minimum_stay):
    with pytest.raises(ValueError, match="margin"):
        Patience(margin, minimum_stay)
