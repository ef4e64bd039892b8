"""Periods from a day up to, not including, another; an end of None is open."""

from collections.abc import Iterable
from datetime import date

Period = tuple[date, date | None]


def free_periods(period: Period, taken: Iterable[Period]) -> list[Period]:
    """The parts of a period that none of the ``taken`` ones, which do not overlap, covers; earliest first.

    >>> spring, fall, year_end = date(2026, 3, 1), date(2026, 9, 1), date(2027, 1, 1)
    >>> free_periods((date(2026, 1, 1), None), [(spring, fall)])
    [(datetime.date(2026, 1, 1), datetime.date(2026, 3, 1)), (datetime.date(2026, 9, 1), None)]
    >>> free_periods((spring, fall), [(date(2026, 1, 1), year_end)])
    []
    """
    start, end = period
    free = []
    for first, after in sorted(taken, key=lambda one: one[0]):
        if (end is None or first < end) and (after is None or start < after):
            if start < first:
                free.append((start, first))
            if after is None:
                return free
            start = after
    return [*free, (start, end)] if end is None or start < end else free
