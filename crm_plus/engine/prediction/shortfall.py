"""Saying how much is missing instead of guessing. Light: no numpy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Too few closed leads to learn from: what there is and what it takes.

    >>> Shortfall(won=37, lost=400, min_won=50, min_lost=50).words
    'needs at least 50 won leads, has 37'
    >>> Shortfall(won=0, lost=1, min_won=50, min_lost=50).words
    'needs at least 50 won leads, has 0; needs at least 50 lost leads, has 1'
    """

    won: int
    lost: int
    min_won: int
    min_lost: int

    @property
    def missing_won(self) -> int:
        """Won leads still needed."""
        return max(self.min_won - self.won, 0)

    @property
    def missing_lost(self) -> int:
        """Lost leads still needed."""
        return max(self.min_lost - self.lost, 0)

    @property
    def words(self) -> str:
        """The shortfall as a sentence for people."""
        parts = []
        if self.missing_won:
            parts.append(f"needs at least {self.min_won} won leads, has {self.won}")
        if self.missing_lost:
            parts.append(f"needs at least {self.min_lost} lost leads, has {self.lost}")
        return "; ".join(parts)

    def to_json(self) -> dict:
        """A plain dictionary.

        >>> Shortfall(1, 2, 3, 2).to_json()
        {'won': 1, 'lost': 2, 'min_won': 3, 'min_lost': 2}
        """
        return {"won": self.won, "lost": self.lost, "min_won": self.min_won, "min_lost": self.min_lost}


def shortfall(won: int, lost: int, *, min_won: int = 50, min_lost: int = 50) -> Shortfall | None:
    """What is missing to train on so many won and lost leads, None when there is enough.

    >>> shortfall(50, 50) is None
    True
    """
    found = Shortfall(won, lost, min_won, min_lost)
    return found if found.words else None
