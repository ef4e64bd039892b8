"""Older leads to learn from, newer ones to be evaluated on. Light: no numpy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class TemporalSplit:
    """Positions of the leads closed up to and including ``cutoff`` (``train``) and after it (``later``)."""

    cutoff: date
    train: tuple[int, ...]
    later: tuple[int, ...]


def split_by_date(closed_on: Sequence[date], cutoff: date) -> TemporalSplit:
    """Split closed leads by the day they were closed.

    >>> split_by_date([date(2026, 1, 5), date(2026, 3, 1), date(2026, 2, 1)], date(2026, 2, 1))
    TemporalSplit(cutoff=datetime.date(2026, 2, 1), train=(0, 2), later=(1,))
    """
    train = tuple(i for i, day in enumerate(closed_on) if day <= cutoff)
    later = tuple(i for i, day in enumerate(closed_on) if day > cutoff)
    return TemporalSplit(cutoff, train, later)


def split_newest(closed_on: Sequence[date], share: float = 0.3) -> TemporalSplit:
    """Split so that about the newest ``share`` is evaluated on; leads closed at one moment stay on one side.

    Raises ValueError when there are no leads or ``share`` is not between 0 and 1.

    >>> split_newest([date(2026, 1, day) for day in range(1, 11)], 0.3).later
    (7, 8, 9)
    """
    if not closed_on or not 0 < share < 1:
        raise ValueError("A temporal split needs closed leads and a share between 0 and 1.")
    ordered = sorted(closed_on)
    kept = max(len(ordered) - round(len(ordered) * share), 1)
    return split_by_date(closed_on, ordered[kept - 1])


def rolling_origins(closed_on: Sequence[date], last: date, shares: Sequence[float]) -> list[tuple[date, date]]:
    """(origin, end) of the parts before ``last``: what is closed after an origin and up to its end is judged by what
    was known at the origin (rolling origins: Tashman 2000). ``shares`` of the leads are known at the origins.

    >>> rolling_origins([date(2026, 1, day) for day in range(1, 11)], date(2026, 1, 7), (0.3, 0.5))
    [(datetime.date(2026, 1, 3), datetime.date(2026, 1, 5)), (datetime.date(2026, 1, 5), datetime.date(2026, 1, 7))]
    """
    ordered = sorted(closed_on)
    origins = sorted({ordered[max(round(len(ordered) * share), 1) - 1] for share in shares})
    origins = [origin for origin in origins if origin < last]
    return list(zip(origins, [*origins[1:], last], strict=True))
