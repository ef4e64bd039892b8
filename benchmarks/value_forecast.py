"""What the winning model of order values says of coming orders, beside Gamma-Gamma on repeat orders, as before."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Figure, at_most
from benchmarks.purchase_logs import Log


@dataclass(frozen=True, slots=True)
class ValueErrors:
    """Root mean squared error of the logarithm of the mean value of a customer's coming orders."""

    one_time: float
    all: float


def errors_of_values(customers: NDArray, days: NDArray, amounts: NDArray, cut) -> tuple[ValueErrors, ValueErrors]:
    """Of the winner, and of Gamma-Gamma on repeat orders; both know the orders until ``cut`` only."""
    from crm_plus.engine.customer.gamma_gamma import fit_values
    from crm_plus.engine.customer.purchase import summarize
    from crm_plus.engine.customer.value_contest import best_values

    day, cut = np.asarray(days).astype("datetime64[D]").astype(int), int(np.datetime64(cut, "D").astype(int))
    past = summarize(customers, day, amounts, cut)
    known = day <= cut
    model, _verdict = best_values(customers[known], day[known], amounts[known], cut, past)
    later = ~known & np.isin(customers, past.customers)
    after = summarize(customers[later], day[later], amounts[later], int(day.max()))
    came = after.spending.mean
    paid = came > 0
    row, came = np.searchsorted(past.customers, after.customers[paid]), came[paid]
    one_time = past.frequency[row] == 0
    before = fit_values(past.frequency, past.value)
    off = [np.log(one.of(past)[row] / came) for one in (model, before)]
    winner, repeat_only = (ValueErrors(_root(one[one_time]), _root(one)) for one in off)
    return winner, repeat_only


def value_figures(name: str, log: Log, cut: str, limit: float) -> Iterator[Figure]:
    """The error of one-time buyers, at most ``limit`` times that of Gamma-Gamma on repeat orders, and of all."""
    ours, before = errors_of_values(log.customers, log.days, log.amounts, cut)
    label, peer = f"{name}, trained until {cut}: log error of order values", "Gamma-Gamma on repeat orders"
    yield at_most(f"{label}, one-time buyers", ours.one_time, limit, "", before.one_time, peer, ratio=True)
    yield at_most(f"{label}, all", ours.all, 1, "", before.all, peer, ratio=True)


def _root(off: NDArray) -> float:
    return float(np.sqrt((off**2).mean()))
