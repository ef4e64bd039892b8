"""Whether a customer changes segment: not for a value that hovers at a boundary, and not right after the last move.

A value hovers where boundaries move, as they do when they are found in the customers every night: there the *held*
score of recency and revenue stands as long as it is the score of some value within ``margin`` (a fraction) of the
present one, but no longer than `HOVER_DAYS`, so that equal customers end in the same segment. A count of orders does
not hover: who reaches the limit has it. Nor does anything at fixed limits, where the margin is 0: an age passes a limit
once, and an order starts it anew. The SQL twin of the margin for values that are better when larger::

    CASE WHEN held BETWEEN 1 + width_bucket(value * (1 - margin), cuts) AND 1 + width_bucket(value * (1 + margin), cuts)
         THEN held ELSE 1 + width_bucket(value, cuts) END
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from ..customer.rfm import RfmScore, recency_score, value_score
from .segments import Region, segment_of

HOVER_DAYS = 28


@dataclass(frozen=True, slots=True)
class Cuts:
    """The cut-points of the three dimensions: ages in days, orders, amount. Each rises, as `rfm` describes."""

    recency: tuple[float, ...]
    frequency: tuple[float, ...]
    monetary: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RfmValues:
    """What is scored: days since the last order, number of orders, amount."""

    recency: float
    frequency: float
    monetary: float


@dataclass(frozen=True, slots=True)
class Patience:
    """``margin``: fraction by which an age or amount must pass a boundary that moves, 0 where none does.
    ``minimum_stay``: days between two moves."""

    margin: float = 0.05
    minimum_stay: int = 7

    def __post_init__(self) -> None:
        if not 0 <= self.margin < 1 or self.minimum_stay < 0:
            raise ValueError("the margin is a fraction below 1 and the minimum stay is not negative")


@dataclass(frozen=True, slots=True)
class Stay:
    """The present membership: the segment's code, the scores it rests on, and the day it began."""

    segment: str
    score: RfmScore
    since: date


class Outcome(str, Enum):
    """Why a customer moves or stays. The codes are stable: callers translate them."""

    ENTERED = "entered"
    MOVED = "moved"
    UNCHANGED = "unchanged"
    WITHIN_MARGIN = "within_margin"
    MINIMUM_STAY = "minimum_stay"


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """One dimension that changed.

    >>> str(ScoreChange("recency", 3, 2))
    'recency 3 -> 2'
    """

    dimension: str
    old: int
    new: int

    def __str__(self) -> str:
        return f"{self.dimension} {self.old} -> {self.new}"


@dataclass(frozen=True, slots=True)
class Decision:
    """The segment to be in and why. ``score`` is what to keep beside the membership as the held scores.

    ``changes`` says what moved the customer, or what would have but for the margin or the minimum stay.
    """

    outcome: Outcome
    region: Region
    score: RfmScore
    changes: tuple[ScoreChange, ...] = ()

    @property
    def moves(self) -> bool:
        return self.outcome in (Outcome.ENTERED, Outcome.MOVED)


def rfm_score(values: RfmValues, cuts: Cuts) -> RfmScore:
    """The plain scores, without memory.

    >>> cuts = Cuts((7, 30, 90, 365), (2, 3, 5, 10), (100, 200, 500, 1000))
    >>> rfm_score(RfmValues(recency=31, frequency=4, monetary=1000), cuts).code
    '335'
    """
    return RfmScore(
        recency_score(values.recency, cuts=cuts.recency),
        value_score(values.frequency, cuts=cuts.frequency),
        value_score(values.monetary, cuts=cuts.monetary),
    )


def held_score(values: RfmValues, cuts: Cuts, held: RfmScore, margin: float) -> RfmScore:
    """The scores with memory: recency and revenue change only when their value is past the boundary by the margin.

    >>> cuts = Cuts((7, 30, 90, 365), (2, 3, 5, 10), (100, 200, 500, 1000))
    >>> held_score(RfmValues(92, 4, 600), cuts, RfmScore(3, 3, 4), margin=0.05).code
    '334'
    >>> held_score(RfmValues(95, 4, 600), cuts, RfmScore(3, 3, 4), margin=0.05).code
    '234'
    """
    plain = rfm_score(values, cuts)
    one, other = (rfm_score(_scaled(values, 1 + sign * margin), cuts) for sign in (-1, 1))
    return RfmScore(
        _stick(held.recency, plain.recency, other.recency, one.recency),
        plain.frequency,
        _stick(held.monetary, plain.monetary, one.monetary, other.monetary),
    )


def decide(
    stay: Stay | None, values: RfmValues, cuts: Cuts, regions: Sequence[Region], today: date, patience: Patience
) -> Decision:
    """Keep or move one customer; the first decision, without a stay, always enters.

    >>> from .segments import STANDARD_REGIONS
    >>> cuts = Cuts((7, 30, 90, 365), (2, 3, 5, 10), (100, 200, 500, 1000))
    >>> stay = Stay("loyal", RfmScore(3, 4, 4), date(2026, 1, 1))
    >>> decision = decide(stay, RfmValues(100, 6, 600), cuts, STANDARD_REGIONS, date(2026, 5, 12), Patience())
    >>> decision.outcome, decision.region.name, [str(change) for change in decision.changes]
    (<Outcome.MOVED: 'moved'>, "Can't lose them", ['recency 3 -> 2'])
    """
    plain = rfm_score(values, cuts)
    if stay is None:
        return Decision(Outcome.ENTERED, segment_of(plain, regions), plain)
    home = segment_of(stay.score, regions)
    days = (today - stay.since).days
    score = held_score(values, cuts, stay.score, patience.margin if days < HOVER_DAYS else 0)
    target = segment_of(score, regions)
    if target.code == stay.segment:
        return _at_home(stay, target, score, plain, regions)
    changes = score_changes(stay.score, score)
    if home.code == stay.segment and days < patience.minimum_stay:
        return Decision(Outcome.MINIMUM_STAY, home, stay.score, changes)
    return Decision(Outcome.MOVED, target, score, changes)


def score_changes(old: RfmScore, new: RfmScore) -> tuple[ScoreChange, ...]:
    """The dimensions in which two scores differ."""
    return tuple(
        ScoreChange(dimension, getattr(old, dimension), getattr(new, dimension))
        for dimension in ("recency", "frequency", "monetary")
        if getattr(old, dimension) != getattr(new, dimension)
    )


def _at_home(stay: Stay, target: Region, score: RfmScore, plain: RfmScore, regions: Sequence[Region]) -> Decision:
    if segment_of(plain, regions).code == stay.segment:
        return Decision(Outcome.UNCHANGED, target, score)
    return Decision(Outcome.WITHIN_MARGIN, target, score, score_changes(stay.score, plain))


def _scaled(values: RfmValues, factor: float) -> RfmValues:
    return RfmValues(values.recency * factor, values.frequency, values.monetary * factor)


def _stick(held: int, plain: int, low: int, high: int) -> int:
    return held if low <= held <= high else plain
