"""What contacting customers changed, compared with those held out, and how sure that is.

Few are held out, few of them order, and few orders make most of the revenue: an interval with a variance of each arm
(Welch's) misses the truth in a quarter of such cases. Ours asks which differences the data does not speak against, with
the variance both arms would have at that difference: for shares that is the closed interval of Wallenstein (1997, *A
non-iterative accurate asymptotic confidence interval for the difference between two proportions*), and for amounts the
same, taking the variance to grow with the mean, as where more customers order amounts of the same kind.

The fixed interval is for who looks once. Who looks every day needs the sequential one, which covers the truth at all
looks together: the bound of the asymptotic confidence sequence of Waudby-Smith et al. (2021, *Time-uniform central
limit theory and asymptotic confidence sequences*) in place of a quantile. `benchmarks/uplift.py` prints how often they
are right in simulated worlds. Standard library and scipy.
"""

import math
from dataclasses import dataclass

from scipy import stats

CONFIDENCE = 0.95
POWER = 0.8
# With fewer customers in one arm nothing is said.
FEWEST = 20
# Nor with fewer events expected in the smaller arm: customers who ordered, and those who did not; of amounts, as many
# as would vary as much if all were equal, which few large ones among them reduce.
FEWEST_EVENTS, FEWEST_AMOUNTS = 5, 10
# The number of customers at which the sequential interval is tightest.
TIGHTEST_AT = 1000


@dataclass(frozen=True, slots=True)
class Arm:
    """What is known of the customers of one arm: how many, and of their values the sum and the sum of squares."""

    size: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        """The mean value; 0 of nobody."""
        return self.total / self.size if self.size else 0.0

    @property
    def variance(self) -> float:
        """The variance of the values, unbiased; 0 of fewer than two."""
        if self.size < 2:
            return 0.0
        return max(self.squares - self.size * self.mean**2, 0.0) / (self.size - 1)


@dataclass(frozen=True, slots=True)
class Uplift:
    """The difference a customer, contacted minus held out, with its interval; ``low`` and ``high`` are None where
    there are too few customers to say."""

    difference: float
    low: float | None
    high: float | None

    @property
    def is_noise(self) -> bool:
        """Whether no difference at all is as likely."""
        return self.low is None or self.low <= 0 <= self.high


def share(size: int, successes: int) -> Arm:
    """The arm of a yes-or-no value.

    >>> share(10, 4).mean
    0.4
    """
    return Arm(size, float(successes), float(successes))


def fixed(contacted: Arm, held_out: Arm, *, is_share: bool = False, confidence: float = CONFIDENCE) -> Uplift:
    """For who looks once, at a time set before.

    >>> found = fixed(share(1000, 150), share(1000, 100), is_share=True)
    >>> round(found.low, 3), round(found.difference, 3), round(found.high, 3), found.is_noise
    (0.021, 0.05, 0.079, False)
    """
    if not _is_enough(contacted, held_out, is_share):
        return Uplift(contacted.mean - held_out.mean, None, None)
    chance = (1 + confidence) / 2
    quantile = stats.norm.ppf(chance) if is_share else stats.t.ppf(chance, contacted.size + held_out.size - 2)
    return _interval(contacted, held_out, float(quantile) ** 2, is_share)


def sequential(contacted: Arm, held_out: Arm, *, is_share: bool = False, confidence: float = CONFIDENCE) -> Uplift:
    """For who looks as often as they like: all looks together err in at most the rest of ``confidence``.

    >>> once, always = (how(share(900, 180), share(100, 10), is_share=True) for how in (fixed, sequential))
    >>> always.low < once.low < once.high < always.high
    True
    """
    if not _is_enough(contacted, held_out, is_share):
        return Uplift(contacted.mean - held_out.mean, None, None)
    size, level = contacted.size + held_out.size, 1 - confidence
    tuned = (-2 * math.log(level) + math.log(-2 * math.log(level) + 1)) / TIGHTEST_AT
    spread = size * tuned + 1
    bound = 2 * spread / (size * tuned) * math.log(math.sqrt(spread) / level)
    return _interval(contacted, held_out, bound, is_share)


def _is_enough(contacted: Arm, held_out: Arm, is_share: bool) -> bool:
    """Whether there is enough for the difference to vary as the interval takes it to."""
    smaller, size = min(contacted.size, held_out.size), contacted.size + held_out.size
    if smaller < FEWEST:
        return False
    total, squares = contacted.total + held_out.total, contacted.squares + held_out.squares
    if is_share:
        return min(total, size - total) * smaller / size >= FEWEST_EVENTS
    return squares > 0 and total**2 / squares * smaller / size >= FEWEST_AMOUNTS


def _interval(contacted: Arm, held_out: Arm, bound: float, is_share: bool) -> Uplift:
    """All differences d with (D - d)^2 <= bound * variance(d), where D is the difference found: a quadratic inequality.

    With the mean M of all, the arms have the means M + w0 d and M - w1 d at the difference d (w: the share of
    customers in each arm), and a mean m varies by a m - m^2, where a is the sum of squares by the sum of all.
    """
    difference = contacted.mean - held_out.mean
    n1, n0 = contacted.size, held_out.size
    w1, w0 = n1 / (n1 + n0), n0 / (n1 + n0)
    total, squares = contacted.total + held_out.total, contacted.squares + held_out.squares
    mean = total / (n1 + n0)
    if mean <= 0:
        # what is lost on the whole does not vary with its mean: one variance for both
        pooled = ((n1 - 1) * contacted.variance + (n0 - 1) * held_out.variance) / (n1 + n0 - 2)
        half = math.sqrt(bound * pooled * (1 / n1 + 1 / n0))
        return Uplift(difference, difference - half, difference + half)
    size = squares / total
    constant = (size * mean - mean**2) * (1 / n1 + 1 / n0)
    slope = (size - 2 * mean) * (w0 / n1 - w1 / n0)
    curve = -(w0**2 / n1 + w1**2 / n0)
    square, linear = 1 - bound * curve, -2 * difference - bound * slope
    root = math.sqrt(max(linear**2 - 4 * square * (difference**2 - bound * constant), 0.0))
    low, high = (-linear - root) / (2 * square), (-linear + root) / (2 * square)
    return Uplift(difference, max(low, -1.0), min(high, 1.0)) if is_share else Uplift(difference, low, high)


def detectable(contacted: int, held_out: int, deviation: float) -> float | None:
    """The least difference a customer that will probably (80%) be seen, known beforehand.

    ``deviation`` is the standard deviation of the value; of a share ``p`` that is ``sqrt(p * (1 - p))``.

    >>> round(detectable(3600, 400, math.sqrt(0.1 * 0.9)), 3)
    0.044
    """
    if min(contacted, held_out) < FEWEST:
        return None
    factor = float(stats.norm.ppf((1 + CONFIDENCE) / 2) + stats.norm.ppf(POWER))
    return factor * deviation * math.sqrt(1 / contacted + 1 / held_out)
