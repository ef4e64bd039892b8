"""When a customer may be contacted: outside quiet hours where they live, on working days of the company."""

from collections.abc import Container
from datetime import datetime, time, timedelta, timezone, tzinfo

# How many days ahead are looked at: longer holidays than that end in the middle, and the step is held back again.
AHEAD = 31


def is_quiet(hour: float, quiet_from: float, quiet_to: float) -> bool:
    """Whether an hour of the day is within the quiet hours, which may span midnight. Equal limits: there are none.

    >>> is_quiet(22.5, 20, 8), is_quiet(9, 20, 8), is_quiet(13, 12, 14), is_quiet(3, 0, 0)
    (True, False, True, False)
    """
    if quiet_from <= quiet_to:
        return quiet_from <= hour < quiet_to
    return hour >= quiet_from or hour < quiet_to


def next_allowed(
    moment: datetime, zone: tzinfo, quiet_from: float, quiet_to: float, days_off: Container = ()
) -> datetime:
    """The first moment from this one on (both in UTC, without a time zone) at which a customer in ``zone`` may be
    contacted; ``days_off`` are dates.

    >>> next_allowed(datetime(2026, 5, 1, 21), timezone.utc, 20, 8)
    datetime.datetime(2026, 5, 2, 8, 0)
    >>> next_allowed(datetime(2026, 5, 1, 12), timezone.utc, 20, 8)
    datetime.datetime(2026, 5, 1, 12, 0)
    """
    local = moment.replace(tzinfo=timezone.utc).astimezone(zone)
    hour = local.hour + local.minute / 60 + local.second / 3600
    quiet = is_quiet(hour, quiet_from, quiet_to)
    if not quiet and local.date() not in days_off:
        return moment
    day = local.date()
    # After the quiet hours of today, or at their end on one of the next days.
    if not quiet or hour >= quiet_to:
        day += timedelta(days=1)
    for _day in range(AHEAD):
        if day not in days_off:
            break
        day += timedelta(days=1)
    return _moment_of(day, quiet_to if quiet_from != quiet_to else 0, zone)


def _moment_of(day, hour: float, zone: tzinfo) -> datetime:
    start = datetime.combine(day, time.min) + timedelta(hours=hour)
    local = zone.localize(start) if hasattr(zone, "localize") else start.replace(tzinfo=zone)
    return local.astimezone(timezone.utc).replace(tzinfo=None)
