"""Which model of order values tells best what coming orders are worth: all compete on what was known at earlier days.

Gamma-Gamma on repeat orders, Gamma-Gamma on all orders and the log-normal mixed model, at up to four origins a quarter
apart. What customers who came back paid then judges, by the gamma deviance: it asks for the right mean and counts
errors as ratios, so that large orders do not decide alone (McCullagh and Nelder, 1989). Heavy module: import it inside
the job.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .abstention import CannotFit
from .forecaster import QUARTER
from .gamma_gamma import MAXIMUM_CORRELATION, ValueModel, fit_values
from .log_normal import LogNormalModel, fit_log_normal
from .purchase import PurchaseSummary, summarize

ORIGINS = 4
WINDOWS = (2 * QUARTER, QUARTER, 28)  # days that are forecast: the first that half of the history is long enough for
BUYERS = 30  # who came back: fewer judge nothing
TIE = 0.005
MODELS = {"gamma_gamma": ValueModel, "log_normal": LogNormalModel}


def _gamma_gamma(summary: PurchaseSummary) -> ValueModel:
    return fit_values(summary.frequency, summary.value)


def _gamma_gamma_first(summary: PurchaseSummary) -> ValueModel:
    """Over all orders: those of one order beside those of many, which differ much, so that no correlation bars it."""
    model = fit_values(summary.frequency + 1, summary.spending.mean, maximum_correlation=1.0)
    repeat = fit_values(summary.frequency, summary.value, maximum_correlation=MAXIMUM_CORRELATION)
    return replace(model, first_order=True, correlation=repeat.correlation)


ENTRANTS: dict[str, Callable[[PurchaseSummary], ValueModel | LogNormalModel]] = {
    "log_normal": fit_log_normal,
    "gamma_gamma": _gamma_gamma,
    "gamma_gamma_first": _gamma_gamma_first,
}


@dataclass(frozen=True, slots=True)
class ValueStanding:
    """How an entrant did over the origins: mean gamma deviance, and how far its total was off (percent, mean)."""

    entrant: str
    deviance: float
    off: float


@dataclass(frozen=True, slots=True)
class ValueVerdict:
    """The standings, best first; ``pooled`` is how the mean of all orders did, expected of everybody.

    ``days`` were forecast at each of the ``origins``, as days. Without any origin nothing was checked.
    """

    days: int
    origins: tuple[int, ...]
    standings: tuple[ValueStanding, ...]
    pooled: ValueStanding | None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def best_values(
    customers: ArrayLike, days: ArrayLike, amounts: ArrayLike, end: int, summary: PurchaseSummary
) -> tuple[ValueModel | LogNormalModel, ValueVerdict]:
    """The winner among the customers of a log of orders, fitted to a ``summary`` of these or more, and the verdict.

    Of entrants as good as each other the one wins whose totals were the least off. Where the history is too short to
    judge, the log-normal model is used, which always has an answer. Raises `CannotFit` when too few ordered twice.
    """
    verdict = _compete(np.asarray(customers), np.asarray(days), np.asarray(amounts, dtype=float), end)
    for standing in verdict.standings:
        try:
            return ENTRANTS[standing.entrant](summary), verdict
        except CannotFit:
            continue
    return fit_log_normal(summary), verdict


def _compete(customers: NDArray, days: NDArray, amounts: NDArray, end: int) -> ValueVerdict:
    first = int(days.min(initial=end))
    window = next((window for window in WINDOWS if end - first >= 2 * window), None)
    if window is None:
        return ValueVerdict(0, (), (), None)
    origins = range(end - window, first + window - 1, -QUARTER)[:ORIGINS]
    rounds = {origin: judged for origin in origins if (judged := _judged(customers, days, amounts, origin, window))}
    everywhere = [name for name in ENTRANTS if rounds and all(name in judged for judged in rounds.values())]
    standings = [_standing(name, [judged[name] for judged in rounds.values()]) for name in everywhere]
    pooled = _standing("pooled", [judged["pooled"] for judged in rounds.values()]) if rounds else None
    return ValueVerdict(window, tuple(rounds), tuple(_ranked(standings)), pooled)


def _judged(customers: NDArray, days: NDArray, amounts: NDArray, origin: int, window: int) -> dict:
    """(deviance, percent that the total is off) of every entrant at one origin; empty where too few came back."""
    past = summarize(customers, days, amounts, origin)
    later = (days > origin) & (days <= origin + window) & np.isin(customers, past.customers)
    after = summarize(customers[later], days[later], amounts[later], origin + window)
    after_mean, after_days = after.spending.mean, after.frequency + 1
    paid = after_mean > 0
    if paid.sum() < BUYERS:
        return {}
    row = np.searchsorted(past.customers, after.customers[paid])
    came, orders = after_mean[paid], after_days[paid]
    return {
        name: (gamma_deviance(said[row], came), 100 * abs((said[row] * orders).sum() / (came * orders).sum() - 1))
        for name, said in _said(past)
    }


def _said(past: PurchaseSummary) -> Iterator[tuple[str, NDArray]]:
    """What each entrant expects of the customers, without those that cannot be fitted; and the mean of all orders."""
    orders = past.frequency + 1
    yield "pooled", np.full(len(past), max((past.spending.mean * orders).sum() / orders.sum(), 1e-9))
    for name, fit in ENTRANTS.items():
        try:
            said = fit(past).of(past)
        except CannotFit:
            continue
        yield name, said


def gamma_deviance(said: ArrayLike, came: ArrayLike) -> float:
    """The mean over the customers of 2 (y / m - 1 - log(y / m)).

    >>> gamma_deviance([10.0, 20.0], [10.0, 20.0])
    0.0
    """
    ratio = np.asarray(came, dtype=float) / np.maximum(np.asarray(said, dtype=float), 1e-9)
    return float(2 * (ratio - 1 - np.log(ratio)).mean())


def _standing(name: str, results: list[tuple[float, float]]) -> ValueStanding:
    deviance, off = np.mean(results, axis=0)
    return ValueStanding(name, float(deviance), float(off))


def _ranked(standings: list[ValueStanding]) -> list[ValueStanding]:
    by_deviance = sorted(standings, key=lambda standing: standing.deviance)
    if not by_deviance:
        return []
    equal = [one for one in by_deviance if one.deviance <= by_deviance[0].deviance * (1 + TIE)]
    winner = min(equal, key=lambda standing: standing.off)
    return [winner, *(one for one in by_deviance if one is not winner)]
