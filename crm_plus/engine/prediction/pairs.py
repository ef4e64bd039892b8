"""Finding the few pairs of fields whose combination says more than both alone. Needs numpy.

A pair is a term of its own ("source and country"), so that the model stays a sum of readable contributions.
Its bins are a grid of at most 8 x 8 coarse bins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from .weights import plain

COARSE = 8
GRIDS = (8, 4, 2)  # bins a side, when looking for pairs


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
    """The coarse bin of each bin: neighbors together where bins have an order, else the most frequent on their own.

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
    whole: np.ndarray | None = None,
) -> tuple[Pair, ...]:
    """At most ``limit`` pairs that explain significantly what a fitted model leaves unexplained, best first.

    ``chance`` is that model's probability of each lead, ``weights`` what each is worth as evidence (None: one). The
    limit of significance is the one that about a single useless pair passes, however many there are to choose from;
    fitting then shrinks its effects to nothing. ``whole``: what the lead of each row is worth in all its rows, whose
    outcomes go together (None: each row is a lead of its own).
    """
    weights = plain(weights, len(won))
    whole = weights if whole is None else whole
    residual, spread = weights * (won - chance), weights * whole * chance * (1 - chance)
    narrow = [np.array(fine, dtype=np.uint8)[code] for fine, code in zip(maps, codes, strict=True)]
    tried = len(codes) * (len(codes) - 1) // 2 * len(GRIDS)
    least = NormalDist().inv_cdf(1 - 1 / max(tried, 2))
    found = []
    for first in range(len(codes)):
        for second in range(first):
            score = _significance(narrow[first] * COARSE + narrow[second], residual, spread)
            if score > least:
                found.append((score, first, second))
    found.sort(key=lambda item: (-item[0], item[1], item[2]))
    return tuple(Pair(a, b, maps[a], maps[b]) for _, a, b in found[:limit])


def _significance(cells: np.ndarray, residual: np.ndarray, spread: np.ndarray) -> float:
    """How many standard deviations the best of the grids explains more than a useless pair would.

    The gain of a grid is the score statistic of its cells, sum (sum of residuals)^2 / (sum of their variances):
    about chi-squared with as many degrees of freedom as cells in use (Rao 1948), made normal by a cube root (Wilson &
    Hilferty 1931). Coarse grids notice broad effects of few leads, fine ones narrow effects.
    """
    totals, variances = (np.bincount(cells, sums, COARSE * COARSE) for sums in (residual, spread))
    best = -np.inf
    for size in GRIDS:
        shape = (size, COARSE // size, size, COARSE // size)
        total, variance = (sums.reshape(shape).sum(axis=(1, 3)).ravel() for sums in (totals, variances))
        used = variance > 1.0  # fewer than a handful of leads say nothing about a cell
        free = int(used.sum())
        if free:
            gain = float(np.sum(total[used] ** 2 / variance[used]))
            spare = 2 / (9 * free)
            best = max(best, ((gain / free) ** (1 / 3) - (1 - spare)) / spare**0.5)
    return best
