"""Where somebody is between a first contact and having left: also of contacts that never bought."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

# Who has not ordered for longer has lapsed; as long is somebody who came back called won back.
LAPSE = timedelta(days=365)
STAGES = ("prospect", "lead", "first", "repeat", "lapsed", "won_back")


def lifecycle(days: Sequence[date], today: date, lead: date | None, known: date) -> tuple[str, date]:
    """The stage of a customer, and the day it began.

    ``days`` are the days of their orders, each once and rising, up to ``today``; ``lead`` the day of their first lead,
    ``known`` the day they were entered.

    >>> day = lambda month, year=2026: date(year, month, 1)
    >>> lifecycle([], day(6), None, day(2))
    ('prospect', datetime.date(2026, 2, 1))
    >>> lifecycle([], day(6), day(3), day(2))
    ('lead', datetime.date(2026, 3, 1))
    >>> lifecycle([day(4)], day(6), None, day(2))
    ('first', datetime.date(2026, 4, 1))
    >>> lifecycle([day(4), day(5)], day(6), None, day(2))
    ('repeat', datetime.date(2026, 5, 1))
    >>> lifecycle([day(4, 2024)], day(6), None, day(2, 2024))
    ('lapsed', datetime.date(2025, 4, 2))
    >>> lifecycle([day(4, 2024), day(4)], day(6), None, day(2, 2024))
    ('won_back', datetime.date(2026, 4, 1))
    """
    if not days:
        return ("lead", lead) if lead else ("prospect", known)
    if today - days[-1] > LAPSE:
        return "lapsed", days[-1] + LAPSE + timedelta(days=1)
    returns = [later for earlier, later in pairwise(days) if later - earlier > LAPSE]
    if returns and today - returns[-1] <= LAPSE:
        return "won_back", returns[-1]
    return ("repeat", days[1]) if len(days) > 1 else ("first", days[0])
