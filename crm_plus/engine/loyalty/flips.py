"""What is one step away: the scores that place a customer after some days without an order, and with one more order."""

from dataclasses import dataclass, replace

from ..customer.rfm import RfmScore, value_score
from .hysteresis import HOVER_DAYS, Cuts, RfmValues, held_score, rfm_score

# A step that comes within so many days is near.
NEAR_DAYS = 10


@dataclass(frozen=True, slots=True)
class Standing:
    """What places a customer: the scores of today and the days since the last order, orders and revenue behind them;
    the scores that the present stay rests on, and the days since it began; what a usual order brings. An amount that is
    not known is None."""

    score: RfmScore
    age: int
    orders: int
    held: RfmScore | None = None
    stayed: int = 0
    revenue: float | None = None
    usual_order: float | None = None

    def waiting(self, days: int, cuts: Cuts, margin: float) -> RfmScore:
        """The scores after so many days without an order, for limits that are as many days later then.

        >>> cuts = Cuts((30, 90, 180, 365), (2, 3, 5, 10), (50, 100, 500, 1000))
        >>> once = Standing(RfmScore(5, 1, 1), age=26, orders=1)
        >>> once.waiting(4, cuts, 0).code, once.waiting(5, cuts, 0).code
        ('511', '411')
        >>> held = Standing(RfmScore(5, 1, 1), age=26, orders=1, held=RfmScore(5, 1, 1))
        >>> held.waiting(5, cuts, 0.05).code, held.waiting(6, cuts, 0.05).code
        ('511', '411')
        """
        return self._placing(replace(self, age=self.age + days, stayed=self.stayed + days), cuts, margin)

    def ordering(self, cuts: Cuts, margin: float) -> RfmScore | None:
        """The scores with one more usual order today; None where it is no step: the frequency scores the same.

        >>> cuts = Cuts((30, 90, 180, 365), (2, 3, 5, 10), (50, 100, 500, 1000))
        >>> Standing(RfmScore(2, 1, 2), age=200, orders=1, revenue=60, usual_order=60).ordering(cuts, 0).code
        '523'
        >>> Standing(RfmScore(2, 3, 2), age=200, orders=3).ordering(cuts, 0)
        """
        if value_score(self.orders + 1, cuts=cuts.frequency) == self.score.frequency:
            return None
        is_known = self.revenue is not None and self.usual_order is not None
        revenue = self.revenue + self.usual_order if is_known else None
        return self._placing(replace(self, age=0, orders=self.orders + 1, revenue=revenue), cuts, margin)

    def _placing(self, then: "Standing", cuts: Cuts, margin: float) -> RfmScore:
        values = RfmValues(then.age, then.orders, then.revenue or 0)
        if self.held:
            found = held_score(values, cuts, self.held, margin if then.stayed < HOVER_DAYS else 0)
        else:
            found = rfm_score(values, cuts)
        return found if then.revenue is not None else replace(found, monetary=(self.held or self.score).monetary)
