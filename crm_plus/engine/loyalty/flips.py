"""What is one step away: the scores of a customer after some days without an order, and with one more order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..customer.rfm import RfmScore, value_score

# A step that comes within so many days is near.
NEAR_DAYS = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """The rising cut-points of the three scores, those of recency as numbered days: later is better."""

    recency: Sequence[float]
    frequency: Sequence[float]
    monetary: Sequence[float]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the scores of a customer are made of: the day of the last order as a number, orders and revenue, and what a
    usual order brings. An amount that is not known is None."""

    score: RfmScore
    last_day: int
    orders: int
    revenue: float | None = None
    usual_order: float | None = None

    def waiting(self, days: int, limits: Limits) -> RfmScore:
        """The scores after so many days without an order: the limits of recency move on by as many.

        >>> limits = Limits((100, 200, 300, 400), (2, 3, 5, 10), (50, 100, 500, 1000))
        >>> Standing(RfmScore(4, 1, 1), last_day=305, orders=1).waiting(5, limits).code
        '411'
        >>> Standing(RfmScore(4, 1, 1), last_day=305, orders=1).waiting(6, limits).code
        '311'
        """
        return replace(self.score, recency=value_score(self.last_day - days, cuts=limits.recency))

    def ordering(self, today: int, limits: Limits) -> RfmScore | None:
        """The scores with one more usual order today; None where it is no step: the frequency scores the same.

        >>> limits = Limits((100, 200, 300, 400), (2, 3, 5, 10), (50, 100, 500, 1000))
        >>> Standing(RfmScore(2, 1, 2), 120, orders=1, revenue=60, usual_order=60).ordering(450, limits).code
        '523'
        >>> Standing(RfmScore(2, 3, 2), 120, orders=3).ordering(450, limits)
        """
        frequency = value_score(self.orders + 1, cuts=limits.frequency)
        if frequency == self.score.frequency:
            return None
        monetary = self.score.monetary
        if self.revenue is not None and self.usual_order is not None:
            monetary = value_score(self.revenue + self.usual_order, cuts=limits.monetary)
        return RfmScore(value_score(today, cuts=limits.recency), frequency, monetary)
