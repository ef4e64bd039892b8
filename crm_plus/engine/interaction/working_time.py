"""How much of the time between two moments somebody works.

What is worked is given as intervals (start, end) that begin one after the other and do not overlap. Without any there
is no calendar, and every hour counts.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

HOUR = 3600.0


class Clock(NamedTuple):
    """Intervals of work as columns: when each begins and ends, and the hours worked before it."""

    starts: list[datetime]
    ends: list[datetime]
    before: list[float]


def clock(intervals: Sequence[tuple[datetime, datetime]]) -> Clock:
    """The columns of these intervals.

    >>> day = datetime(2026, 5, 4)
    >>> clock([(day.replace(hour=8), day.replace(hour=12)), (day.replace(hour=13), day.replace(hour=17))]).before
    [0.0, 4.0]
    """
    starts, ends, before, worked = [], [], [], 0.0
    for start, end in intervals:
        starts.append(start)
        ends.append(end)
        before.append(worked)
        worked += (end - start).total_seconds() / HOUR
    return Clock(starts, ends, before)


def worked_until(columns: Clock, moment: datetime) -> float:
    """The hours worked from the first interval on until a moment."""
    place = bisect_right(columns.starts, moment) - 1
    if place < 0:
        return 0.0
    running = min(moment, columns.ends[place]) - columns.starts[place]
    return columns.before[place] + running.total_seconds() / HOUR


def worked_between(columns: Clock, start: datetime, end: datetime) -> float:
    """The hours worked between two moments.

    >>> day = datetime(2026, 5, 4)
    >>> office = clock([(day.replace(hour=8), day.replace(hour=12)), (day.replace(hour=13), day.replace(hour=17))])
    >>> worked_between(office, day.replace(hour=11), day.replace(hour=15)), worked_between(office, day, day)
    (3.0, 0.0)
    >>> worked_between(clock([]), day.replace(hour=1), day.replace(hour=3))
    2.0
    """
    if not columns.starts:
        return (end - start).total_seconds() / HOUR
    return worked_until(columns, end) - worked_until(columns, start)
