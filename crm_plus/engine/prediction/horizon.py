"""Within how many days a lead is to be won, and what is known of each lead by then. Light: no numpy.

Some leads are never closed: nobody says that they are lost. Learned from closed leads alone, and given to open ones, a
chance would take it that all of them close. So the outcome is P(won within H days | still open at this age): a lead
that is still open H days past its landmark has not been won (landmarking with a horizon: van Houwelingen 2007, see
`landmarks`). What is not known yet, since the H days are not over, is left out, and those known weigh as much more.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from .landmarks import LANDMARKS, draw, landmarks_reached

HORIZONS = (30, 60, 90, 180, 365, 730)
# Longer than any lead lives: whether it is won at all, which only closed leads tell.
EVER = 1_000_000
# Nearly all wins come within the horizon, and it is no longer than a quarter of the record.
WON_WITHIN, RECORD_SHARE = 0.97, 0.25
# A landmark is looked at when so many of all leads are old enough for their outcome after it to be known.
OLD_ENOUGH = 0.15
# Closed within an hour of its creation, a lead was put in as closed: it was never open for anybody to ask about.
SHORTEST_LIFE = 1 / 24
# Of no more leads than these all landmarks are learned from: of more, one each tells enough.
FEW_LEADS = 5_000


def choose_horizon(won_lives: Sequence[float], record: float) -> int:
    """The shortest of `HORIZONS` within which nearly all of the won leads, open for ``won_lives`` days, were won; no
    longer than a quarter of the ``record``, the days since the first lead was created.

    >>> choose_horizon([5, 8, 70], 1000), choose_horizon([5, 8, 70], 250), choose_horizon([], 9)
    (90, 60, 30)
    """
    ordered = sorted(won_lives)
    enough = ordered[min(int(len(ordered) * WON_WITHIN), len(ordered) - 1)] if ordered else 0
    affordable = max(bisect_right(HORIZONS, record * RECORD_SHARE), 1)
    return next((days for days in HORIZONS[:affordable] if days >= enough), HORIZONS[affordable - 1])


def usable_landmarks(created: Sequence[float], until: float, horizon: int) -> int:
    """How many of `LANDMARKS` leads are looked at, the first always; ``created`` are days in ascending order.

    >>> usable_landmarks(range(400), 400, 90), usable_landmarks([], 400, 90)
    (11, 1)
    """
    known = (bisect_right(created, until - age - horizon) >= OLD_ENOUGH * len(created) for age in LANDMARKS)
    return max(sum(known), 1) if created else 1


@dataclass(frozen=True, slots=True)
class Seen:
    """A lead at one of its landmarks: its ``age`` there in days, how many landmarks it ``stands_for``, for how many
    days after its creation it was ``watched`` until its outcome was known, and whether it was ``won`` by then."""

    age: int
    stands_for: int
    watched: float
    won: int


def seen(number: int, life: float, outcome: int | None, horizon: int, usable: int = len(LANDMARKS)) -> Seen | None:
    """A lead that was open for ``life`` days, up to now where the ``outcome`` (1 won, 0 lost) is None, at one of the
    first ``usable`` landmarks; ``number`` draws. None when nothing is known of it: it is too young, or was put in as
    closed.

    >>> seen(7, 20, 1, horizon=90)
    Seen(age=1, stands_for=5, watched=20, won=1)
    >>> seen(7, 400, 1, horizon=90), seen(7, 100, None, horizon=90), seen(7, 80, None, horizon=90)
    (Seen(age=7, stands_for=12, watched=97, won=0), Seen(age=1, stands_for=4, watched=91, won=0), None)
    """
    reached = _known_landmarks(life, outcome, horizon, usable)
    return _seen_at(LANDMARKS[draw(number, reached)], reached, life, outcome, horizon) if reached else None


def seen_at_others(
    number: int, life: float, outcome: int | None, horizon: int, usable: int = len(LANDMARKS)
) -> list[Seen]:
    """The lead of `seen` at all its other landmarks, each of which stands for itself alone.

    One landmark drawn for each lead leaves a few dozen sightings at high ages where leads are few, though many leads
    reached them: learned from all sightings (a stacked data set: van Houwelingen & Putter 2012, Dynamic Prediction in
    Clinical Survival Analysis, chapter 7), what the age tells is known far better.

    >>> [(one.age, one.won) for one in seen_at_others(7, 20, 1, horizon=90)]
    [(0, 1), (3, 1), (7, 1), (14, 1)]
    """
    reached = _known_landmarks(life, outcome, horizon, usable)
    drawn = draw(number, reached) if reached else 0
    return [_seen_at(LANDMARKS[place], 1, life, outcome, horizon) for place in range(reached) if place != drawn]


def _known_landmarks(life: float, outcome: int | None, horizon: int, usable: int) -> int:
    """After how many landmarks it is known what became of a lead."""
    if outcome is None:
        return min(bisect_right(LANDMARKS, life - horizon), usable)
    return 0 if 0 <= life < SHORTEST_LIFE else min(landmarks_reached(life), usable)


def _seen_at(age: int, stands_for: int, life: float, outcome: int | None, horizon: int) -> Seen:
    if outcome is not None and life <= age + horizon:
        return Seen(age, stands_for, life, outcome)
    return Seen(age, stands_for, age + horizon, 0)
