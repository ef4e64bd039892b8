"""Columns of many leads in little memory: each distinct value once, and a small number a lead. Needs numpy.

Numeric columns are arrays of floats instead, NaN where there is no value. Both are read by everything that reads
columns, and give some of their rows for an array or a slice of positions.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Coded(Sequence):
    """A column of n leads: the distinct ``values``, and in ``places`` (n,) where among them each lead's value is.

    >>> column = coded(["Web", None, "Web"])
    >>> column.values, column.places.tolist(), list(column[np.array([2, 1])])
    (['Web', None], [0, 1, 0], ['Web', None])
    """

    values: list
    places: np.ndarray

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, rows):
        if isinstance(rows, slice | np.ndarray):
            return Coded(self.values, self.places[rows])
        return self.values[self.places[rows]]

    def __iter__(self) -> Iterator:
        return map(self.values.__getitem__, self.places.tolist())

    def counts(self) -> Iterator[tuple[object, int]]:
        """The distinct values that occur, each with the number of its leads."""
        leads = np.bincount(self.places, minlength=len(self.values)).tolist()
        return ((value, count) for value, count in zip(self.values, leads, strict=True) if count)


class Coder(dict):
    """Makes a `Coded` column of values that come in parts. Lists count as tuples, since they cannot be looked up.

    ``clean`` makes of a value what counts, once for each distinct value; what it has made it leaves as it is.
    """

    def __init__(self, clean: Callable[[object], object] = lambda value: value):
        super().__init__()
        self.values, self.parts, self.clean = [], [], clean

    def __missing__(self, value) -> int:
        cleaned = self.clean(value)
        if cleaned is value or cleaned == value:
            place = len(self.values)
            self.values.append(value)
        else:
            place = self[cleaned]
        self[value] = place
        return place

    def add(self, values: Sequence) -> None:
        """The values of the next leads."""
        try:
            places = np.fromiter(map(self.__getitem__, values), np.int32, len(values))
        except TypeError:
            plain = [tuple(value) if isinstance(value, list | set) else value for value in values]
            places = np.fromiter(map(self.__getitem__, plain), np.int32, len(plain))
        self.parts.append(places)

    def column(self) -> Coded:
        """All that was added."""
        return Coded(self.values, np.concatenate([np.empty(0, np.int32), *self.parts]))


class Floats(list):
    """Makes a numeric column of values that come in parts."""

    def add(self, values: Sequence) -> None:
        """The numbers of the next leads, None where there is none."""
        self.append(np.array(values, dtype=float))

    def column(self) -> np.ndarray:
        """All that was added."""
        return np.concatenate([[], *self])


def coded(values: Sequence) -> Coded:
    """A column of raw values as a `Coded` one."""
    if isinstance(values, Coded):
        return values
    coder = Coder()
    coder.add(values)
    return coder.column()


def numbers(values: Sequence) -> np.ndarray:
    """A numeric column as floats, shape (n,); missing values are NaN.

    >>> numbers([1, None, ""]).tolist()
    [1.0, nan, nan]
    """
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        return values
    return np.array([None if isinstance(value, str) and not value else value for value in values], dtype=float)


def varies(values: Sequence) -> bool:
    """Whether not all leads have the same value.

    >>> varies(["Web", "Web"]), varies(numbers([None, None])), varies(numbers([1, None]))
    (False, False, True)
    """
    if isinstance(values, np.ndarray):
        return bool((values != values[0]).any()) and not np.isnan(values).all()
    places = coded(values).places
    return bool((places != places[0]).any())
