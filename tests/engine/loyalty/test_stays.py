from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.loyalty.stays import free_periods

ORIGIN, HORIZON = date(2026, 1, 1), 40


def day(number):
    return None if number is None else ORIGIN + timedelta(days=number)


def days_of(period):
    start, end = period
    return {number for number in range(HORIZON) if start <= day(number) and (end is None or day(number) < end)}


@st.composite
def histories(draw):
    """Periods that do not overlap, the last one open or not, in any order."""
    ends = sorted(draw(st.lists(st.integers(0, HORIZON - 10), max_size=8)))
    pairs = list(zip(ends[::2], ends[1::2], strict=False))
    if pairs and draw(st.booleans()):
        pairs[-1] = (pairs[-1][0], None)
    return draw(st.permutations([(day(start), day(end)) for start, end in pairs]))


@given(st.integers(0, 30), st.one_of(st.none(), st.integers(0, 30)), histories())
def test_a_day_is_free_exactly_when_the_period_has_it_and_no_other_does(start, length, taken):
    period = day(start), day(None if length is None else start + length)
    free = free_periods(period, taken)
    wanted = days_of(period).difference(*map(days_of, taken))
    assert [number for part in free for number in sorted(days_of(part))] == sorted(wanted)


@given(st.integers(0, 30), histories())
def test_an_open_period_stays_open_unless_another_is(start, taken):
    free = free_periods((day(start), None), taken)
    assert (bool(free) and free[-1][1] is None) == all(end is not None for _start, end in taken)


def test_an_empty_period_has_no_free_part():
    assert free_periods((ORIGIN, ORIGIN), []) == []
