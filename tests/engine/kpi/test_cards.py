"""Cards of the overview and working time."""

from datetime import datetime, timedelta

import pytest

from crm_plus.engine.checks import RefusedValue
from crm_plus.engine.kpi.cards import CARDS, LATER, chosen_cards, kept_cards
from crm_plus.engine.kpi.working_time import hours_between, worked

MONDAY = datetime(2026, 3, 2)


def test_a_choice_is_kept_in_its_order():
    assert kept_cards(",".join(reversed(CARDS))) == tuple(reversed(CARDS))
    assert set(LATER) < set(CARDS)


@pytest.mark.parametrize("value", [[], None, "figures", ["gone"], ["figures", "figures"], [1]])
def test_what_is_no_choice_is_refused(value):
    with pytest.raises(RefusedValue):
        chosen_cards(value)


def test_hours_over_a_weekend_are_those_worked():
    days = [MONDAY + timedelta(days=day) for day in (0, 1, 2, 3, 4, 7)]
    intervals = [(day + timedelta(hours=9), day + timedelta(hours=17)) for day in days]
    steps = worked(intervals, MONDAY, MONDAY + timedelta(days=10))
    friday, monday = MONDAY + timedelta(days=4), MONDAY + timedelta(days=7)
    assert hours_between(friday + timedelta(hours=16), monday + timedelta(hours=10), steps, MONDAY) == pytest.approx(2)
    assert hours_between(MONDAY + timedelta(hours=20), monday + timedelta(hours=8), steps, MONDAY) == pytest.approx(32)
    assert steps[-1] == pytest.approx(48)


def test_what_begins_before_or_ends_after_is_cut():
    steps = worked([(MONDAY - timedelta(hours=1), MONDAY + timedelta(hours=9))], MONDAY, MONDAY + timedelta(hours=1))
    assert steps == [0, 0.25, 0.5, 0.75, 1]
