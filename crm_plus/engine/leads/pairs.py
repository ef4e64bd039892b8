"""Finding the few pairs of fields whose combination says more than both alone. Needs numpy.

A pair is a term of its own ("source and country"), so that the model stays a sum of readable contributions.
Its bins are a grid of at most 8 x 8 coarse bins.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .weights import effective

COARSE = 8


@dataclass(frozen=True, slots=True)
class Pair:
    """Two features by position, with the coarse bin (0 to 7) of each of their bins."""

    first: int
    second: int
    first_map: tuple[int, ...]
    second_map: tuple[int, ...]

    def codes(self, first_codes: np.ndarray, second_codes: np.ndarray) -> np.ndarray:
        """The cell of each lead, 0 to 63."""
        first, second = (np.array(coarse, dtype=np.uint8) for coarse in (self.first_map, self.second_map))
        return first[first_codes] * COARSE + second[second_codes]


def coarse_map(counts: np.ndarray, ordered: int) -> tuple[int, ...]:
    """The coarse bin of each bin: neighbours together where bins have an order, else the most frequent on their own.

    >>> coarse_map(np.array([5, 5, 5, 5, 2]), ordered=4)
    (0, 1, 3, 5, 7)
    >>> coarse_map(np.array([1, 9, 5]), ordered=0)
    (2, 0, 1)
    """
    if ordered:
        upto = np.cumsum(counts[:ordered]) - counts[:ordered]
        places = upto * (COARSE - 1) // max(int(counts[:ordered].sum()), 1)
        return (*(int(place) for place in places), *[COARSE - 1] * (len(counts) - ordered))
    order = np.argsort(-counts, kind="stable")
    places = np.empty(len(counts), dtype=int)
    places[order] = np.minimum(np.arange(len(counts)), COARSE - 1)
    return tuple(places.tolist())


def choose_pairs(
    codes: Sequence[np.ndarray],
    maps: Sequence[tuple[int, ...]],
    won: np.ndarray,
    chance: np.ndarray,
    limit: int,
    weights: np.ndarray | None = None,
) -> tuple[Pair, ...]:
    """At most ``limit`` pairs that explain significantly what a fitted model leaves unexplained, best first.

    ``chance`` is that model's probability of each lead, ``weights`` how many leads each stands for (None: one). The
    gain of a pair is the score statistic of its cells, sum (sum of residuals)^2 / (sum of their variances), which is
    about chi-squared with as many degrees of freedom as cells in use (Rao 1948) when the pair is useless; kept are
    those four standard deviations above that.
    """
    weights = effective(weights, len(won))
    residual, spread = weights * (won - chance), weights**2 * chance * (1 - chance)
    narrow = [np.array(fine, dtype=np.uint8)[code] for fine, code in zip(maps, codes, strict=True)]
    found = []
    for first in range(len(codes)):
        for second in range(first):
            cells = narrow[first] * COARSE + narrow[second]
            gain, free = _score_statistic(cells, residual, spread)
            if gain > free + 4 * np.sqrt(2 * free):
                found.append((gain - free, first, second))
    found.sort(key=lambda item: (-item[0], item[1], item[2]))
    return tuple(Pair(a, b, maps[a], maps[b]) for _, a, b in found[:limit])


def _score_statistic(cells: np.ndarray, residual: np.ndarray, spread: np.ndarray) -> tuple[float, int]:
    size = COARSE * COARSE
    variance = np.bincount(cells, spread, size)
    used = variance > 1.0  # fewer than a handful of leads say nothing about a cell
    total = np.bincount(cells, residual, size)[used]
    return float(np.sum(total * total / variance[used])), int(used.sum())
