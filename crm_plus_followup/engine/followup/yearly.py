"""Days that come every year, as birthdays."""

from collections.abc import Iterable
from datetime import date, timedelta


def month_days(days: Iterable[date]) -> list[str]:
    """Month and day of these days; who was born on February 29 is meant on the 28th of other years.

    >>> month_days([date(2027, 2, 28)])
    ['0228', '0229']
    >>> month_days([date(2028, 2, 28), date(2028, 2, 29)])
    ['0228', '0229']
    >>> month_days([date(2028, 2, 28)])
    ['0228']
    """
    days = list(days)
    leaps = [day for day in days if (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3]
    return [day.strftime("%m%d") for day in days] + ["0229" for _day in leaps]


def ahead(today: date, days: int) -> list[str]:
    """Month and day of today and of so many days after it, each once, in their order.

    >>> ahead(date(2026, 12, 31), 1)
    ['1231', '0101']
    >>> len(ahead(date(2026, 5, 5), 5000))
    366
    """
    return list(dict.fromkeys(month_days(today + timedelta(days=day) for day in range(min(days, 366) + 1))))
