"""Working hours between two moments, beside counting minute by minute."""

from datetime import datetime, timedelta
from random import Random

from crm_plus.engine.interaction.working_time import clock, worked_between, worked_until

MONDAY = datetime(2026, 5, 4)


def office(days):
    for day in range(days):
        start = MONDAY + timedelta(days=day)
        yield start + timedelta(hours=8), start + timedelta(hours=12)
        yield start + timedelta(hours=13), start + timedelta(hours=17)


def test_it_is_what_counting_the_minutes_gives():
    rng, intervals = Random(4), list(office(5))
    columns = clock(intervals)
    for _ in range(50):
        start = MONDAY + timedelta(minutes=rng.randrange(-600, 6 * 1440))
        end = start + timedelta(minutes=rng.randrange(3000))
        minutes = sum(
            any(begin <= start + timedelta(minutes=minute) < stop for begin, stop in intervals)
            for minute in range(int((end - start).total_seconds() // 60))
        )
        assert abs(worked_between(columns, start, end) - minutes / 60) < 1e-9


def test_nothing_is_worked_before_the_first_interval_and_after_the_last_it_stays():
    columns = clock(list(office(1)))
    assert worked_until(columns, MONDAY) == 0
    assert worked_until(columns, MONDAY + timedelta(days=30)) == 8
