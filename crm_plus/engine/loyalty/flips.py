"""Which scores are one step from another segment: recency falls by waiting, frequency rises with an order."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from ..customer.rfm import SCORES, RfmScore

# A step that comes within so many days is near.
NEAR_DAYS = 10


@dataclass(frozen=True, slots=True)
class Flips:
    """The scores, as texts such as "432", whose segment is another one a step further.

    ``falls[r]``: those with recency r that leave their segment when it becomes r - 1; ``rises[f]``: those with
    frequency f that leave it when it becomes f + 1.
    """

    falls: dict[int, frozenset[str]]
    rises: dict[int, frozenset[str]]


def flips(segment: Callable[[RfmScore], str | None]) -> Flips:
    """The flips among segments, each the ``segment`` of a score.

    >>> found = flips(lambda score: "good" if score.recency >= 4 and score.frequency >= 2 else "other")
    >>> sorted(found.falls), sorted(found.rises), "425" in found.falls[4], "415" in found.rises[1]
    ([4], [1], True, True)
    """
    falls: dict[int, set[str]] = {}
    rises: dict[int, set[str]] = {}
    for r, f, m in product(SCORES, repeat=3):
        here = RfmScore(r, f, m)
        if r > min(SCORES) and segment(RfmScore(r - 1, f, m)) != segment(here):
            falls.setdefault(r, set()).add(here.code)
        if f < max(SCORES) and segment(RfmScore(r, f + 1, m)) != segment(here):
            rises.setdefault(f, set()).add(here.code)
    return Flips(*({score: frozenset(codes) for score, codes in found.items()} for found in (falls, rises)))
