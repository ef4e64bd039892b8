"""What every benchmark measures with and reports through.

A benchmark is a module ``benchmarks/NAME.py`` with

* ``NEEDS = "engine"`` (plain Python) or ``NEEDS = "odoo"`` (a database with the add-on, see ``options.env_factory``),
* ``run(options) -> Iterable[Figure]``,
* optionally ``add_arguments(parser)`` for arguments of its own; ``--scale`` and ``--json`` are always there.

>>> at_most("first page", 4.0, 20.0, "ms").passed
True
>>> at_most("refresh", 3.0, 2.0, reference=1.0, reference_name="bare GROUP BY", ratio=True).passed
False
"""

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure beside its reference and its target."""

    name: str
    value: float
    unit: str = "s"  # s, ms, us, bytes, MB, queries, x, "" ...
    reference: float | None = None  # same unit, measured in the same run
    reference_name: str = ""
    target: str = ""  # "<= 2 x", ">= 0.863"; empty: informative
    passed: bool | None = None  # None: informative

    @property
    def ratio(self) -> float | None:
        """The value divided by its reference, None without a reference."""
        return self.value / self.reference if self.reference else None


def _judged(name, value, limit, unit, reference, reference_name, ratio, sign) -> Figure:
    if ratio and not reference:
        raise ValueError(f"{name}: a ratio needs a reference that is not zero.")
    measured = value / reference if ratio else value
    passed = measured <= limit if sign == "<=" else measured >= limit
    target = f"{sign} {limit:g} {'x' if ratio else unit}".rstrip()
    return Figure(name, value, unit, reference, reference_name, target, passed)


def at_most(name, value, limit, unit="s", reference=None, reference_name="", *, ratio=False) -> Figure:
    """A figure whose value must not exceed ``limit``; with ``ratio`` the limit is a multiple of the reference."""
    return _judged(name, value, limit, unit, reference, reference_name, ratio, "<=")


def at_least(name, value, limit, unit="s", reference=None, reference_name="", *, ratio=False) -> Figure:
    """A figure whose value must reach ``limit``; with ``ratio`` the limit is a multiple of the reference."""
    return _judged(name, value, limit, unit, reference, reference_name, ratio, ">=")


def timed(fn: Callable[[], object], repeat: int = 5, warmup: int = 1) -> list[float]:
    """Seconds of ``repeat`` calls, after ``warmup`` calls that are not counted."""
    for _ in range(warmup):
        fn()
    return [_seconds(fn) for _ in range(repeat)]


def median(values: Iterable[float]) -> float:
    """The middle of the values.

    >>> median([3.0, 1.0, 2.0])
    2.0
    """
    return statistics.median(values)


def timed_median(fn: Callable[[], object], repeat: int = 5, warmup: int = 1) -> float:
    """The median of `timed`, in seconds."""
    return median(timed(fn, repeat, warmup))


@dataclass(frozen=True, slots=True)
class Paired:
    """Two functions timed in alternation, so that a busy machine slows both down alike."""

    first: tuple[float, ...]
    second: tuple[float, ...]

    @property
    def ratios(self) -> list[float]:
        """First over second, pair by pair."""
        return [a / b for a, b in zip(self.first, self.second, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the ratios of the pairs."""
        return median(self.ratios)

    @property
    def difference(self) -> float:
        """The median of first minus second, in seconds."""
        return median(a - b for a, b in zip(self.first, self.second, strict=True))


def paired(fn_a: Callable[[], object], fn_b: Callable[[], object], repeat: int = 5, warmup: int = 1) -> Paired:
    """Time both functions ``repeat`` times; which of the two goes first alternates."""
    for _ in range(warmup):
        fn_a()
        fn_b()
    first, second = [], []
    for turn in range(repeat):
        order = [(first, fn_a), (second, fn_b)]
        for seconds, fn in order if turn % 2 == 0 else reversed(order):
            seconds.append(_seconds(fn))
    return Paired(tuple(first), tuple(second))


def _seconds(fn: Callable[[], object]) -> float:
    start = time.perf_counter()
    fn()
    return time.perf_counter() - start
