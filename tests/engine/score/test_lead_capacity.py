from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.score import capacity


@given(st.lists(st.integers(0, 20).map(Decimal), max_size=50), st.integers(1, 5), st.integers(1, 5))
def test_the_capacity_is_never_exceeded_and_the_cut_off_is_the_lowest_possible(scores, people, weekly):
    found = capacity.capacity_threshold(scores, salespeople=people, leads_a_week=weekly)
    assert found.leads <= people * weekly
    if found.cutoff is not None and scores:
        assert found.leads == sum(score >= found.cutoff for score in scores)
        lower = [score for score in scores if score < found.cutoff]
        assert not lower or sum(score >= max(lower) for score in scores) > found.capacity


def test_a_tie_at_the_top_beyond_the_capacity_gives_no_cut_off():
    found = capacity.capacity_threshold([Decimal(9)] * 3, salespeople=1, leads_a_week=2)
    assert found == capacity.CapacityThreshold(None, 0, 2)


@given(st.lists(st.integers(0, 20).map(Decimal)), st.lists(st.integers(0, 21).map(Decimal)))
def test_what_reaches_a_cut_is_counted(scores, cuts):
    assert capacity.reached(scores, cuts) == [sum(score >= cut for score in scores) for cut in cuts]
