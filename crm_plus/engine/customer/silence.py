"""Probabilities of silence made to agree with how many of those were silent: isotonic recalibration.

Heavy module: import it inside the job.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 20


@dataclass(frozen=True, slots=True)
class Recalibration:
    """A rising line through points (said, true), straight in between and level outside; empty: nothing is changed.

    >>> Recalibration((0.2, 0.6), (0.1, 0.9)).of([0.2, 0.4, 0.7]).round(6).tolist()
    [0.1, 0.5, 0.9]
    """

    said: tuple[float, ...] = ()
    true: tuple[float, ...] = ()

    def of(self, probability: ArrayLike) -> NDArray[np.float64]:
        probability = np.asarray(probability, dtype=float)
        return np.interp(probability, self.said, self.true) if self.said else probability


def recalibrate(said: ArrayLike, silent: ArrayLike) -> Recalibration:
    """The rising line that fits best: what was ``said`` of each and whether it was ``silent``.

    Bins of about as many customers are pooled with their neighbors until the shares rise (pool adjacent violators:
    Ayer, Brunk, Ewing, Reid and Silverman, 1955; Zadrozny and Elkan, 2002, for probabilities). Half a customer of
    either kind is added to each, so that nothing is certain.
    """
    said, silent = np.asarray(said, dtype=float), np.asarray(silent, dtype=float)
    if not len(said):
        return Recalibration()
    edges = np.unique(np.quantile(said, np.arange(1, BINS) / BINS))
    place = np.searchsorted(edges, said, side="right")
    count = np.bincount(place, minlength=len(edges) + 1).astype(float)
    total, hits = (np.bincount(place, weights=w, minlength=len(edges) + 1) for w in (said, silent))
    full = count > 0
    count, total, hits = count[full], total[full], hits[full]
    true = _rising((hits + 0.5) / (count + 1), count)
    return Recalibration(tuple(map(float, total / count)), tuple(map(float, true)))


def calibration_error(said: ArrayLike, silent: ArrayLike, bins: int = 10) -> float:
    """Expected calibration error: the mean distance of what was said and the share that was, over bins of equal size
    (Naeini, Cooper and Hauskrecht, 2015).

    >>> calibration_error([0.5] * 4, [0, 1, 0, 1])
    0.0
    """
    said, silent = np.asarray(said, dtype=float), np.asarray(silent, dtype=float)
    _values, row, count = np.unique(said, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - count / 2  # equal ones are in the same bin
    place = (bins * middle / max(len(said), 1)).astype(int)[row]
    return float(np.abs(np.bincount(place, weights=said - silent)).sum() / max(len(said), 1))


def _rising(values: NDArray, weights: NDArray) -> NDArray[np.float64]:
    blocks: list[list[float]] = []  # value, weight, how many bins
    for value, weight in zip(values, weights, strict=True):
        blocks.append([float(value), float(weight), 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            high, low = blocks.pop(-2), blocks.pop()
            mass = high[1] + low[1]
            blocks.append([(high[0] * high[1] + low[0] * low[1]) / mass, mass, high[2] + low[2]])
    return np.repeat([block[0] for block in blocks], [int(block[2]) for block in blocks])


def shares_by_level(said: ArrayLike, silent: ArrayLike, levels: Sequence[float]) -> list[tuple[int, float]]:
    """Customers and share of silent ones of each level, of the lowest first; ``levels`` are where the others begin.

    >>> shares_by_level([0.1, 0.6, 0.9, 0.9], [0, 0, 1, 1], [0.5, 0.8])
    [(1, 0.0), (1, 0.0), (2, 1.0)]
    """
    place = np.searchsorted(np.asarray(levels), np.asarray(said, dtype=float), side="right")
    count = np.bincount(place, minlength=len(levels) + 1)
    hits = np.bincount(place, weights=np.asarray(silent, dtype=float), minlength=len(levels) + 1)
    return [(int(n), float(hit / n) if n else np.nan) for n, hit in zip(count, hits, strict=True)]
