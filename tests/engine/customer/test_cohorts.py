from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.customer.cohorts import Cohort, cohorts, repeat_rate

LOG = [
    (1, "2025-11-30"),
    (1, "2025-12-01"),
    (1, "2025-12-31"),
    (2, "2025-11-01"),
    (3, "2026-01-15"),
    (3, "2026-02-15"),
    (2, "2026-02-28"),
]


def test_cohorts_by_month():
    assert cohorts(*zip(*LOG, strict=True)) == [Cohort("2025-11", (2, 1, 0, 1)), Cohort("2026-01", (1, 1))]


def test_cohorts_by_quarter_begin_with_the_quarter():
    assert cohorts(*zip(*LOG, strict=True), period="quarter") == [Cohort("2025-10", (2, 1)), Cohort("2026-01", (1,))]


def test_retention_is_a_share_of_the_cohort():
    assert cohorts(*zip(*LOG, strict=True))[0].retention == (1.0, 0.5, 0.0, 0.5)


def test_no_orders_have_no_cohorts():
    assert cohorts([], []) == []
    assert repeat_rate([], []) is None


def test_cohorts_before_1970_are_labelled_right():
    assert cohorts([1], ["1969-12-31"], period="quarter")[0].start == "1969-10"


@given(st.lists(st.tuples(st.integers(1, 8), st.dates(date(1990, 1, 1), date(2030, 1, 1))), min_size=1, max_size=30))
def test_every_customer_is_in_one_cohort(log):
    assert sum(cohort.size for cohort in cohorts(*zip(*log, strict=True))) == len({who for who, _day in log})


def test_the_repeat_rate_of_cdnow(cdnow_log):
    customers, days, _amounts = cdnow_log
    assert repeat_rate(customers, days) == pytest.approx(0.4926, abs=0.02)
    first, *_later = cohorts(customers, days)
    assert sum(cohort.size for cohort in cohorts(customers, days)) == 23570
    assert first.start == "1997-01"
