"""How many leads people can take, and the score that hands out so many. Light: standard library only."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .rules import LOWEST


@dataclass(frozen=True, slots=True)
class CapacityThreshold:
    """The cut-off that hands out at most ``capacity`` leads: score ``>= cutoff``; ``leads`` of them reach it.

    ``cutoff`` is None when even the leads tied at the top are more than the capacity.
    """

    cutoff: Decimal | None
    leads: int
    capacity: int


def capacity_threshold(
    scores: Iterable[Decimal], *, salespeople: int, leads_a_week: int, weeks: int = 1
) -> CapacityThreshold:
    """The lowest cut-off that gives each salesperson at most so many leads a week.

    ``scores`` are those of the leads that came in during ``weeks`` weeks. Leads of equal score stay together.

    >>> capacity_threshold([Decimal(s) for s in (90, 80, 80, 10)], salespeople=1, leads_a_week=2)
    CapacityThreshold(cutoff=Decimal('90'), leads=1, capacity=2)
    """
    capacity = salespeople * leads_a_week * weeks
    ordered = sorted(scores, reverse=True)
    if len(ordered) <= capacity:
        return CapacityThreshold(min(ordered, default=LOWEST), len(ordered), capacity)
    first_out = ordered[capacity]
    kept = [score for score in ordered[:capacity] if score > first_out]
    return CapacityThreshold(kept[-1] if kept else None, len(kept), capacity)


def reached(scores: Iterable[Decimal], cuts: Sequence[Decimal]) -> list[int]:
    """How many scores reach each cut; one equal to a cut does.

    >>> reached([Decimal(s) for s in (90, 80, 80, 10)], [Decimal(80), Decimal(81), Decimal(0)])
    [3, 1, 4]
    """
    ordered = sorted(scores)
    return [len(ordered) - bisect_left(ordered, cut) for cut in cuts]
