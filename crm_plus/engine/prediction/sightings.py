"""Leads as a training has them: one row for each time a lead is seen. Needs numpy."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .weights import effective, plain


@dataclass(frozen=True, eq=False)
class Sightings:
    """``won`` (n,) is 1 or 0 for each row, ``leads`` (n,) the number of its lead (0, 1, ...), ``weights`` (n,) what it
    is worth as evidence, ``given`` (n,) how many leads it stands for.

    >>> seen = Sightings.of([1, 0, 0], None, [7, 7, 9])
    >>> seen.came.tolist(), seen.shares.tolist(), seen.repeated
    ([1.0, 0.0], [0.5, 0.5, 1.0], True)
    """

    won: np.ndarray
    leads: np.ndarray
    weights: np.ndarray
    given: np.ndarray

    @classmethod
    def of(cls, won: Sequence[int], weights: Sequence[float] | None, leads: Sequence[int] | None) -> "Sightings":
        """Rows with outcomes, weights (None: one each) and any numbers of their leads (None: one row a lead)."""
        outcome, given = np.asarray(won, dtype=float), plain(weights, len(won))
        if leads is None:
            return cls(outcome, np.arange(len(outcome)), effective(weights, len(outcome)), given)
        number = np.unique(np.asarray(leads), return_inverse=True)[1]
        return cls(outcome, number, effective(given, len(outcome), number), given)

    def some(self, rows: np.ndarray) -> "Sightings":
        """Some rows, their weights as they are."""
        number = np.unique(self.leads[rows], return_inverse=True)[1]
        return Sightings(self.won[rows], number, self.weights[rows], self.given[rows])

    @cached_property
    def came(self) -> np.ndarray:
        """1 for each lead that was won at some sighting, else 0."""
        came = np.zeros(int(self.leads.max(initial=-1)) + 1)
        np.maximum.at(came, self.leads, self.won)
        return came

    @property
    def repeated(self) -> bool:
        """Whether some lead has several rows."""
        return len(self.came) < len(self.won)

    @cached_property
    def shares(self) -> np.ndarray:
        """One over the number of rows of the lead of each row."""
        return 1 / np.bincount(self.leads)[self.leads]

    @cached_property
    def whole(self) -> np.ndarray:
        """What the lead of each row is worth in all its rows."""
        return np.bincount(self.leads, self.weights)[self.leads]

    @cached_property
    def alone(self) -> np.ndarray:
        """What each row would be worth if all were of different leads."""
        return effective(self.given, len(self.given))
