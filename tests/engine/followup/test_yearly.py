"""Days that come every year: each of them is met once a year, whatever the year."""

from calendar import isleap
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_plus_followup.engine.followup.yearly import ahead, month_days

DAYS = st.dates(date(1901, 1, 1), date(2199, 12, 1))


@given(DAYS, st.integers(1901, 2199))
def test_a_birthday_is_on_one_day_of_each_year(born, year):
    first = date(year, 1, 1)
    days = [first + timedelta(days=day) for day in range(366 if isleap(year) else 365)]
    met = [day for day in days if born.strftime("%m%d") in month_days([day])]
    assert len(met) == 1
    assert met[0].month == born.month
    assert met[0].day == born.day or (born.day, met[0].day) == (29, 28)


@given(DAYS, st.integers(0, 5000))
def test_what_lies_ahead_is_each_day_once(today, days):
    found = ahead(today, days)
    assert len(found) == len(set(found))
    assert found[0] == today.strftime("%m%d")
    assert set(found) == set(month_days(today + timedelta(days=day) for day in range(min(days, 366) + 1)))


@given(DAYS)
def test_a_year_ahead_has_all_birthdays(today):
    assert len(ahead(today, 366)) == 366
