"""The age at which a closed lead is seen, chosen without knowing when it closed. Light: no numpy.

What is wanted is P(won | still open at this age, what was known then). A moment that depends on the closing date (a
share of the life of the lead, say) makes its age tell the outcome: where losses are quick and wins are slow, a young
lead is then a lost one. So leads are seen at fixed ages, the landmarks, as long as they were still open then
(landmarking: van Houwelingen 2007, Dynamic prediction by landmarking in event history analysis, Scandinavian Journal
of Statistics 34(1), 70-85). Each lead is seen once, at one of its landmarks drawn by its number, and stands for all of
them by its weight (Horvitz & Thompson 1952), so that leads count once an outcome and long-lived ones are not forgotten.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

# Days: close together at first, when most becomes known.
LANDMARKS = (0, 1, 3, 7, 14, 30, 60, 90, 120, 180, 240, 360, 480, 720, 960)
LEAST_SEEN = 0.1


def landmark(number: int, life: float) -> tuple[int, int]:
    """(age in days, weight) of a lead that was open for ``life`` days; ``number`` draws, always the same.

    The weight is how many landmarks the lead was open at; every lead was, at its creation.

    >>> landmark(7, 0.5), sorted({landmark(number, 5) for number in range(100)})
    ((0, 1), [(0, 3), (1, 3), (3, 3)])
    """
    reached = landmarks_reached(life)
    return LANDMARKS[draw(number, reached)], reached


def landmarks_reached(life: float) -> int:
    """At how many landmarks a lead was open that lived so many days; at its creation at least."""
    return max(bisect_left(LANDMARKS, life), 1)


def draw(number: int, count: int) -> int:
    """One of ``count`` places, always the same for a number, and evenly over many numbers."""
    # The fractional part of multiples of the golden ratio is spread evenly (Knuth, TAOCP 3, 6.4).
    return int(number * 2654435761 % 2**32 / 2**32 * count)


def seen_shares(
    lives: Sequence[float], created: Sequence[float], until: float, since: float | None = None
) -> list[float]:
    """For each life, the share of all leads that would be among those closed from ``since`` to ``until``, had they
    lived so long: leads closed late are missing where records are young.

    ``created`` are the days, in ascending order, on which all leads were created, open ones too; ``since`` None: from
    the beginning. At least `LEAST_SEEN` and at most 1. Dividing a weight by it makes up for what is missing (inverse
    probability of censoring weights: Robins & Finkelstein 2000, Biometrics 56(3), 779-788).

    >>> seen_shares([0, 5, 50], created=range(1, 11), until=10)
    [1.0, 0.5, 0.1]
    """

    def number(life: float) -> int:
        before = bisect_right(created, since - life) if since is not None else 0
        return bisect_right(created, until - life) - before

    whole = max(number(0), 1)
    return [min(max(number(life) / whole, LEAST_SEEN), 1.0) for life in lives]
