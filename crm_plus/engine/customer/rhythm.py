"""A customer's own rhythm: the usual time between two orders, when the next one is due, and how overdue it is.

The interval is the median gap between a customer's order days, drawn toward the population's median gap on the
logarithmic scale: with ``n`` gaps of median ``m``, population median ``p`` and prior weight ``k`` it is
``exp((n ln m + k ln p) / (n + k))``, the posterior mean of a log-normal interval whose prior is worth ``k`` gaps. Many
gaps speak for themselves, one gap is half an opinion. The median ignores one long holiday.

Its SQL twin, with ``gap`` from ``day - lag(day) OVER (PARTITION BY customer ORDER BY day)`` over distinct days::

    exp((count(gap) * ln(percentile_cont(0.5) WITHIN GROUP (ORDER BY gap)) + k * ln(p)) / (count(gap) + k))

An order is *due* from the expected day on. It is *overdue* when nine in ten of such intervals would have ended: the
90 % quantile of the predictive distribution of the next logarithmic gap, whose mean is drawn toward the population's
as above and whose variance is drawn toward that within all customers by a prior of `PRIOR_SPREAD` gaps (the conjugate
prior of a normal sample: Gelman et al., "Bayesian Data Analysis", 2013, section 3.3). A pause of about a year that
the customer has come back from is a season: nobody is overdue within it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil, exp, log, sqrt
from statistics import fmean, median, variance

PRIOR_GAPS = 2.0
PRIOR_SPREAD = 4.0
USUAL_SPREAD = 1.28  # of the logarithms of gaps that come by chance, for a population in which nobody has two
NORMAL_90 = 1.2815515655446004
SEASON = (300, 430)  # days: a pause of about a year
SEASON_SLACK = 1.1
LONGEST = 36_525.0


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The interval between orders in days, how many gaps it rests on, the day of the last order, and after how many
    days the next one is overdue."""

    interval: float
    gaps: int
    last_order: date
    patience: float | None = None

    def is_overdue(self, today: date) -> bool:
        """Whether more than ``patience`` days have passed; never without any.

        >>> Rhythm(30, 5, date(2026, 1, 1), patience=52.3).is_overdue(date(2026, 2, 23))
        False
        """
        return self.patience is not None and today > self.overdue_after

    @property
    def overdue_after(self) -> date:
        """The last day on which the next order is due and not overdue."""
        return self.last_order + timedelta(days=ceil(self.patience))

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


def population_spread(customers: Iterable[Iterable[date]]) -> float | None:
    """The standard deviation of the logarithms of gaps within a customer, pooled over all; None if nobody has two gaps.

    >>> population_spread([[date(2026, 1, 1), date(2026, 1, 11), date(2026, 1, 21)]])
    0.0
    """
    several = [logs for days in customers if len(logs := [log(gap) for gap in order_gaps(days)]) > 1]
    degrees = sum(len(logs) - 1 for logs in several)
    return sqrt(sum((len(logs) - 1) * variance(logs) for logs in several) / degrees) if degrees else None


def patience(gaps: Sequence[int], population: float, spread: float | None) -> float:
    """Days after which nine in ten such customers would have ordered; see the module for how.

    Student's quantile is that of Cornish and Fisher (1938), first order, which SQL has as well.

    >>> round(patience([30, 30, 30, 30], population=30, spread=0.3), 1)
    42.3
    >>> round(patience([7, 345, 7, 345], population=7, spread=0.3), 1)
    379.5
    """
    n, logs = len(gaps), [log(gap) for gap in gaps]
    degrees = PRIOR_SPREAD + n - 1
    own = (n - 1) * variance(logs) if n > 1 else 0.0
    usual = spread or USUAL_SPREAD  # nobody's gaps are all alike but for want of gaps
    deviation = sqrt((PRIOR_SPREAD * usual**2 + own) / degrees * (1 + 1 / (n + PRIOR_GAPS)))
    mean = (n * fmean(logs) + PRIOR_GAPS * log(population)) / (n + PRIOR_GAPS)
    quantile = NORMAL_90 + (NORMAL_90**3 + NORMAL_90) / (4 * degrees)
    season = SEASON_SLACK * max(gaps) if SEASON[0] <= max(gaps) <= SEASON[1] else 0.0
    return min(max(exp(mean + quantile * deviation), season), LONGEST)


def customer_rhythm(
    order_days: Iterable[date], population: float | None, spread: float | None = None, *, prior_gaps: float = PRIOR_GAPS
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
    waited = None if population is None else patience(gaps, population, spread)
    return Rhythm(interval, len(gaps), days[-1], waited)
