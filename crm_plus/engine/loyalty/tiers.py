"""Whether a customer keeps a tier: up at once, down only after a grace period.

Tiers are ranks, 1 the lowest; 0 is no tier. ``earned`` is what the present figures entitle to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Standing:
    """The rank a customer has and, while it is no longer earned, the day it is lost."""

    rank: int = 0
    until: date | None = None


def earned_rank(measures: Sequence[float | None], limits: Sequence[float | None]) -> int:
    """The highest rank whose measure reaches its limit; both lists are in the order of the ranks.

    A rank without a limit, or without a measure, is earned by nobody; a higher one does not need the lower ones.

    >>> earned_rank([1200, 1200, 3], [500, 1000, 10])
    2
    >>> earned_rank([0, None], [None, 5])
    0
    """
    reached = [
        rank
        for rank, (measure, limit) in enumerate(zip(measures, limits, strict=True), start=1)
        if measure is not None and limit is not None and measure >= limit
    ]
    return max(reached, default=0)


def next_standing(now: Standing, earned: int, *, today: date, grace_days: int, given: int | None = None) -> Standing:
    """What follows today. ``grace_days`` is the grace of the present rank, ``given`` a rank assigned manually.

    >>> today = date(2026, 5, 12)
    >>> next_standing(Standing(1), 3, today=today, grace_days=30)
    Standing(rank=3, until=None)
    >>> next_standing(Standing(3), 1, today=today, grace_days=30)
    Standing(rank=3, until=datetime.date(2026, 6, 11))
    >>> next_standing(Standing(3, today), 1, today=today, grace_days=30)
    Standing(rank=1, until=None)
    """
    if given is not None:
        return Standing(given)
    if earned >= now.rank:
        return Standing(earned)
    until = now.until or today + timedelta(days=grace_days)
    return Standing(now.rank, until) if today < until else Standing(earned)
