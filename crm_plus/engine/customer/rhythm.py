"""A customer's own rhythm: the usual time between two orders, when the next one is due, and how overdue it is.

The interval is the median gap between a customer's order days, drawn toward the population's median gap on the
logarithmic scale: with ``n`` gaps of median ``m``, population median ``p`` and prior weight ``k`` it is
``exp((n ln m + k ln p) / (n + k))``, the posterior mean of a log-normal interval whose prior is worth ``k`` gaps. Many
gaps speak for themselves, one gap is half an opinion. The median ignores one long holiday.

Its SQL twin, with ``gap`` from ``day - lag(day) OVER (PARTITION BY customer ORDER BY day)`` over distinct days::

    exp((count(gap) * ln(percentile_cont(0.5) WITHIN GROUP (ORDER BY gap)) + k * ln(p)) / (count(gap) + k))
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import exp, log
from statistics import median

PRIOR_GAPS = 2.0


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The interval between orders in days, how many gaps it rests on, and the day of the last order."""

    interval: float
    gaps: int
    last_order: date

    @property
    def next_order(self) -> date:
        """The day the next order is expected, rounded to the nearest.

        >>> Rhythm(interval=30.4, gaps=5, last_order=date(2026, 1, 1)).next_order
        datetime.date(2026, 1, 31)
        """
        return self.last_order + timedelta(days=round(self.interval))

    def overdue_ratio(self, today: date) -> float:
        """Age of the last order in intervals: 1 is due today, 2 has missed one order.

        >>> Rhythm(interval=30, gaps=5, last_order=date(2026, 1, 1)).overdue_ratio(date(2026, 3, 2))
        2.0
        """
        return (today - self.last_order).days / self.interval

    def overdue_days(self, today: date) -> int:
        """Days past the expected one; negative while it is still to come.

        >>> Rhythm(interval=30, gaps=5, last_order=date(2026, 1, 1)).overdue_days(date(2026, 1, 21))
        -10
        """
        return (today - self.next_order).days


def order_gaps(order_days: Iterable[date]) -> list[int]:
    """Days between consecutive order days, oldest first; several orders on one day are one.

    >>> order_gaps([date(2026, 1, 9), date(2026, 1, 1), date(2026, 1, 1)])
    [8]
    """
    days = sorted(set(order_days))
    return [(later - earlier).days for earlier, later in pairwise(days)]


def population_interval(customers: Iterable[Iterable[date]]) -> float | None:
    """The median of the customers' median gaps, so that a daily buyer weighs no more than another; None without any.

    >>> population_interval([[date(2026, 1, 1), date(2026, 1, 11)], [date(2026, 1, 1), date(2026, 1, 31)]])
    20.0
    """
    medians = [median(gaps) for days in customers if (gaps := order_gaps(days))]
    return float(median(medians)) if medians else None


def shrunk_interval(median_gap: float, gaps: int, population: float, *, prior_gaps: float = PRIOR_GAPS) -> float:
    """The interval in days drawn toward the population's; all three inputs are positive, else `ValueError`.

    >>> round(shrunk_interval(10, gaps=2, population=40, prior_gaps=2), 6)
    20.0
    """
    if min(median_gap, gaps, population) <= 0 or prior_gaps < 0:
        raise ValueError("gaps and intervals are positive")
    return exp((gaps * log(median_gap) + prior_gaps * log(population)) / (gaps + prior_gaps))


def customer_rhythm(
    order_days: Iterable[date], population: float | None, *, prior_gaps: float = PRIOR_GAPS
) -> Rhythm | None:
    """The rhythm of one customer, or None with fewer than two order days: one order has no rhythm.

    Without a population's interval the customer's own gaps stand alone.

    >>> customer_rhythm([date(2026, 1, 1)], population=30.0)
    >>> customer_rhythm([date(2026, 1, 1), date(2026, 1, 31)], population=30.0).next_order
    datetime.date(2026, 3, 2)
    """
    days = sorted(set(order_days))
    gaps = order_gaps(days)
    if not gaps:
        return None
    own = float(median(gaps))
    interval = own if population is None else shrunk_interval(own, len(gaps), population, prior_gaps=prior_gaps)
    return Rhythm(interval, len(gaps), days[-1])
