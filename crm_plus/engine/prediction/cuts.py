"""Where numbers are cut into ranges: at round numbers, which people can read and remember. Needs numpy."""

from math import ceil, floor, log10

import numpy as np

SLACK = 0.1  # of a range: how far a cut may move for a rounder number
DIGITS = 17  # beyond these a double has no more


def round_cuts(values: np.ndarray, ranges: int) -> tuple[float, ...]:
    """Ascending cuts of finite numbers, shape (n,), into at most ``ranges`` ranges; what equals a cut lies below it.

    Few distinct numbers have a range each. Of many, each range holds about as many numbers; a cut moves by up to a
    tenth of a range to be round, so a range holds its share of them give or take a fifth.

    >>> round_cuts(np.array([0.0, 0.0, 1.0, 3.0]), 32)
    (0.0, 2.0)
    >>> round_cuts(np.linspace(0.31, 998.7, 500), 4)
    (250.0, 500.0, 750.0)
    """
    distinct = np.unique(values)
    if len(distinct) <= ranges:
        low = high = distinct[:-1]
    else:
        inner = np.arange(1, ranges) / ranges
        low, high = np.quantile(values, [inner - SLACK / ranges, inner + SLACK / ranges], method="lower")
        inside = low < distinct[-1]
        low, high = low[inside], np.minimum(high[inside], distinct[-2])
    following = distinct[np.searchsorted(distinct, high, side="right")]  # up to there no number changes sides
    spaces = zip(low.tolist(), np.nextafter(following, -np.inf).tolist(), strict=True)
    return tuple(sorted({roundest(*space) for space in spaces}))


def roundest(low: float, high: float) -> float:
    """The number from ``low`` to ``high`` with the fewest digits, of several the one closest to the middle.

    >>> roundest(1234.5, 1310.0), roundest(-3.2, 8.0), roundest(0.123456, 0.123461), roundest(7.0, 7.0)
    (1300.0, 0.0, 0.12346, 7.0)
    """
    largest = max(abs(low), abs(high))
    top = ceil(log10(largest)) if largest else 0
    for exponent in range(top, top - DIGITS, -1):
        for unit in (5, 2, 1):
            step = unit * 10.0**exponent
            place = min(max(round((low + high) / 2 / step), ceil(low / step)), floor(high / step))
            value = float(f"{unit * place}e{exponent}")
            if low <= value <= high:
                return value
    return low
