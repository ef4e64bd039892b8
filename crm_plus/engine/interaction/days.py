"""What is known to the day only, such as an invoice or a fair of a whole day.

It is stored with its day, and with a moment for what sorts and groups by moments: one that is that day for readers
from Honolulu (UTC-10) to Auckland in summer (UTC+13) and the Chatham Islands (UTC+13:45).

>>> moment_of(date(2026, 11, 8)), latest_day(datetime(2026, 11, 8, 9, 59)), latest_day(datetime(2026, 11, 8, 10, 0))
(datetime.datetime(2026, 11, 8, 10, 0), datetime.date(2026, 11, 8), datetime.date(2026, 11, 9))
"""

from datetime import date, datetime, time, timedelta

# The hour of UTC that stands for a day.
HOUR = 10
# A day begins on the Line Islands so many hours before it begins in UTC.
AHEAD = timedelta(hours=14)
# The clocks of two computers differ a little.
CLOCK_SKEW = timedelta(minutes=5)


def moment_of(day: date) -> datetime:
    """The moment that stands for a day."""
    return datetime.combine(day, time(HOUR))


def latest_day(now: datetime) -> date:
    """The latest day that has begun somewhere; ``now`` is UTC."""
    return (now + AHEAD).date()
