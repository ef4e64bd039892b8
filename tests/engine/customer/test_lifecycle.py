"""The lifecycle of customers, and of those who are none yet."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.customer.lifecycle import LAPSE, STAGES, lifecycle

TODAY = date(2026, 6, 1)
DAYS = st.lists(st.integers(0, 2000), unique=True, max_size=12).map(
    lambda ages: sorted(TODAY - timedelta(days=age) for age in ages)
)


def test_a_year_is_not_over_on_its_last_day():
    for age, stage in ((365, "first"), (366, "lapsed")):
        assert lifecycle([TODAY - timedelta(days=age)], TODAY, None, TODAY)[0] == stage


def test_who_came_back_is_won_back_for_a_year_and_a_repeat_customer_then():
    days = [date(2020, 1, 1), date(2024, 1, 1), date(2024, 6, 1)]
    assert lifecycle(days, date(2024, 12, 31), None, TODAY) == ("won_back", date(2024, 1, 1))
    assert lifecycle(days, date(2025, 1, 1), None, TODAY) == ("repeat", date(2024, 1, 1))


@given(DAYS, st.none() | st.just(date(2026, 5, 1)))
def test_every_customer_has_one_stage_that_began_when_it_could(days, lead):
    stage, since = lifecycle(days, TODAY, lead, date(2020, 1, 1))
    assert stage in STAGES
    assert since <= TODAY
    assert (stage in ("prospect", "lead")) == (not days)
    if days:
        assert since >= days[0]
        assert (stage == "lapsed") == (TODAY - days[-1] > LAPSE)
