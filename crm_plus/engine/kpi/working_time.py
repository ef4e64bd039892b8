"""How much working time lies between two moments."""

from collections.abc import Iterable
from datetime import datetime, timedelta

# Working time is known at each such step, and in proportion in between.
STEP = timedelta(minutes=15)


def worked(intervals: Iterable[tuple[datetime, datetime]], begins: datetime, ends: datetime) -> list[float]:
    """Hours worked from ``begins`` to each `STEP` after it, up to ``ends``; ``intervals`` are those worked, in order.

    >>> nine, ten, noon = (datetime(2026, 3, 2, hour) for hour in (9, 10, 12))
    >>> worked([(ten, ten + 2 * STEP)], nine, ten + 3 * STEP)
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.25, 0.5, 0.5]
    """
    steps = [0.0] * (int((ends - begins) / STEP) + 1)
    for start, end in intervals:
        start, end = max(start, begins), min(end, ends)
        place = int((start - begins) / STEP)
        while start < end:
            upto = min(begins + (place + 1) * STEP, end)
            if place + 1 < len(steps):
                steps[place + 1] += (upto - start) / timedelta(hours=1)
            start, place = upto, place + 1
    total = 0.0
    for place, hours in enumerate(steps):
        total += hours
        steps[place] = total
    return steps


def hours_between(first: datetime, last: datetime, steps: list[float], begins: datetime) -> float:
    """Hours worked from one moment to another, both within the steps.

    >>> nine = datetime(2026, 3, 2, 9)
    >>> hours_between(nine, nine + timedelta(minutes=37, seconds=30), [0.0, 0.0, 0.25, 0.5], nine)
    0.375
    """
    return _at(last, steps, begins) - _at(first, steps, begins)


def _at(moment, steps, begins):
    whole, rest = divmod(max(moment - begins, timedelta()), STEP)
    if whole + 1 >= len(steps):
        return steps[-1]
    return steps[whole] + (steps[whole + 1] - steps[whole]) * (rest / STEP)
