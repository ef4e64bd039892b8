"""What contacting customers changed, compared with those held out, and how sure that is.

The fixed interval is for who looks once: Welch's for amounts, that of Agresti and Caffo (2000, *Simple and effective
confidence intervals for proportions and differences of proportions*) for shares. Who looks every day needs the
sequential one, which covers the truth at all looks together: the asymptotic confidence sequence of Waudby-Smith et al.
(2021, *Time-uniform central limit theory and asymptotic confidence sequences*), over the difference of two arms with
known shares. Standard library and scipy.
"""

import math
from dataclasses import dataclass

from scipy import stats

CONFIDENCE = 0.95
POWER = 0.8
# With fewer customers in one arm nothing is said.
FEWEST = 20
# Of amounts, which few large ones make, the sequential interval says nothing before.
FEWEST_AMOUNTS = 200
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
    difference = contacted.mean - held_out.mean
    if min(contacted.size, held_out.size) < FEWEST:
        return Uplift(difference, None, None)
    if is_share:
        return _agresti_caffo(contacted, held_out, difference, confidence)
    parts = [arm.variance / arm.size for arm in (contacted, held_out)]
    error = math.sqrt(sum(parts))
    if not error:
        return Uplift(difference, difference, difference)
    freedom = sum(parts) ** 2 / sum(
        part**2 / (arm.size - 1) for part, arm in zip(parts, (contacted, held_out), strict=True)
    )
    half = float(stats.t.ppf((1 + confidence) / 2, freedom)) * error
    return Uplift(difference, difference - half, difference + half)


def _agresti_caffo(contacted: Arm, held_out: Arm, difference: float, confidence: float) -> Uplift:
    rates = [(arm.total + 1) / (arm.size + 2) for arm in (contacted, held_out)]
    error = math.sqrt(
        sum(rate * (1 - rate) / (arm.size + 2) for rate, arm in zip(rates, (contacted, held_out), strict=True))
    )
    half = float(stats.norm.ppf((1 + confidence) / 2)) * error
    middle = rates[0] - rates[1]
    return Uplift(difference, max(middle - half, -1.0), min(middle + half, 1.0))


def sequential(contacted: Arm, held_out: Arm, *, is_share: bool = False, confidence: float = CONFIDENCE) -> Uplift:
    """For who looks as often as they like: all looks together err in at most the rest of ``confidence``.

    It rests on many customers: of amounts nothing is said before there are `FEWEST_AMOUNTS` in each arm, and shares are
    those with one success and one failure more, as in the fixed interval.

    >>> once, always = (how(share(900, 180), share(100, 10), is_share=True) for how in (fixed, sequential))
    >>> always.low < once.low < once.high < always.high
    True
    """
    difference, size = contacted.mean - held_out.mean, contacted.size + held_out.size
    if min(contacted.size, held_out.size) < (FEWEST if is_share else FEWEST_AMOUNTS):
        return Uplift(difference, None, None)
    middle, variances = difference, [contacted.variance, held_out.variance]
    if is_share:
        rates = [(arm.total + 1) / (arm.size + 2) for arm in (contacted, held_out)]
        middle, variances = rates[0] - rates[1], [rate * (1 - rate) for rate in rates]
    # the variance of one customer's part in the estimate
    variance = size * (variances[0] / contacted.size + variances[1] / held_out.size)
    level = 1 - confidence
    tuned = (-2 * math.log(level) + math.log(-2 * math.log(level) + 1)) / TIGHTEST_AT
    spread = size * tuned + 1
    half = math.sqrt(variance * 2 * spread / (size**2 * tuned) * math.log(math.sqrt(spread) / level))
    return Uplift(difference, middle - half, middle + half)


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
