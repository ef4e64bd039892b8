"""Days that begin when they do in a time zone, for any date a database may hold: years 1 and 9999 are typed, too.

Python's calendar ends there, so that a time zone or a period can lead out of it; the nearest day that exists is meant
then. Light: standard library only.
"""

from datetime import date, datetime, time, timedelta, timezone, tzinfo


def local_day(moment: datetime, zone: tzinfo) -> date:
    """The day that a moment in UTC, without a time zone, is on there.

    >>> from zoneinfo import ZoneInfo
    >>> local_day(datetime(2026, 5, 1, 23), ZoneInfo("Asia/Tehran")), local_day(datetime.max, ZoneInfo("Asia/Tehran"))
    (datetime.date(2026, 5, 2), datetime.date(9999, 12, 31))
    """
    try:
        return moment.replace(tzinfo=timezone.utc).astimezone(zone).date()
    except OverflowError:
        return moment.date()


def start_of_day(day: date, zone: tzinfo) -> datetime:
    """The moment in UTC, without a time zone, at which a day begins there.

    >>> from zoneinfo import ZoneInfo
    >>> start_of_day(date(2026, 5, 2), ZoneInfo("Asia/Tehran")), start_of_day(date.min, ZoneInfo("Asia/Tehran"))
    (datetime.datetime(2026, 5, 1, 20, 30), datetime.datetime(1, 1, 1, 0, 0))
    """
    start = datetime.combine(day, time.min)
    try:
        # A zone of pytz knows its offset on a day only when it is asked to localize it.
        local = zone.localize(start) if hasattr(zone, "localize") else start.replace(tzinfo=zone)
        return local.astimezone(timezone.utc).replace(tzinfo=None)
    except OverflowError:
        return start


def shifted(day: date, days: int) -> date:
    """The day so many days later, or earlier.

    >>> shifted(date(2026, 5, 1), -30), shifted(date(3, 1, 1), -3650), shifted(date(9999, 12, 1), 100)
    (datetime.date(2026, 4, 1), datetime.date(1, 1, 1), datetime.date(9999, 12, 31))
    """
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min
