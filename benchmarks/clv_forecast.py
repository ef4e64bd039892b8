"""What the purchase models say of a log's future, having seen its past only, beside what came.

The revenue forecast is orders times value of an order; both factors are shown. On CDNOW it comes out too low, as that
of `lifetimes` does, to the last digit: these models take a customer's rate for constant until dropping out, but buying
at CDNOW did not go on falling from the fall of 1997 on. Fader and Hardie needed a component that varies with time
for it ("Forecasting Repeat Sales at CDNOW: A Case Study", Interfaces 31, 2001).
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Figure, at_least, at_most
from benchmarks.purchase_logs import Log

WEEK = 7
NAMES = {"nbd": "NBD", "bg_nbd": "BG/NBD", "mbg_nbd": "MBG/NBD", "pareto_nbd": "Pareto/NBD"}
PEERS = {"bg_nbd": "BetaGeoFitter", "mbg_nbd": "ModifiedBetaGeoFitter"}  # the models that lifetimes has as well


@dataclass(frozen=True, slots=True, eq=False)
class Future:
    """What came of the customers of ``past`` in the ``weeks`` after: order days and revenue of each."""

    past: object
    weeks: float
    orders: NDArray
    revenue: NDArray

    @property
    def history(self) -> tuple[NDArray, NDArray, NDArray]:
        return self.past.frequency, self.past.recency, self.past.age


def forecast(name: str, log: Log, train_until: str | None) -> Iterator[Figure]:
    """Parameters, log-likelihood, and the forecast of what came after the models' last day."""
    from crm_plus.engine.customer.purchase import summarize

    cut, last = _cut(log, train_until), log.days.max()
    past = summarize(log.customers, log.days, log.amounts, cut, days_per_unit=WEEK)
    weeks = float((last - cut).astype(int) / WEEK)
    future = Future(past, weeks, *_between(log, past.customers, cut, last))
    naive, earlier = _between(log, past.customers, cut - (last - cut), cut)
    yield Figure(f"{name}: customers until {cut}", len(past), "")
    yield Figure(f"{name}: their orders in the {weeks:.0f} weeks after", float(future.orders.sum()), "")
    if not future.orders.any():
        print(f"{name}: no customer known by {cut} ordered after it: nothing to compare with.", file=sys.stderr)
        yield at_least(f"{name}: models that forecast", 0, 1, "")
        return
    baseline = _errors(naive, future.orders)
    yield from _error_figures(f"{name}: repeat of the past", baseline)
    fitted = dict(_fitted(name, future))
    peers = {kind: orders for kind in PEERS if (orders := _peer_orders(kind, future)) is not None}
    for kind, model in fitted.items():
        yield from _model_figures(f"{name}: {NAMES[kind]}", model, future, peers.get(kind), baseline)
    yield from _contest_figures(name, log, cut, future, baseline)
    if fitted:
        yield Figure(f"{name}: revenue, repeat of the past", earlier.sum(), "", float(future.revenue.sum()), "came")
        yield from _revenue_figures(name, fitted, future, peers)
    yield at_least(f"{name}: models that forecast", len(fitted), 1, "")
    yield at_least(f"{name}: models of lifetimes that ran", len(peers), len(PEERS), "")


def _cut(log: Log, train_until: str | None) -> np.datetime64:
    """The last day the models see."""
    first, last = log.days.min(), log.days.max()
    if first == last:
        raise SystemExit(f"All orders are of {first}: there is nothing to forecast.")
    if train_until is None:
        return first + (last - first) * 3 // 4
    try:
        cut = np.datetime64(train_until, "D")
    except ValueError:
        raise SystemExit(f"--train-until: {train_until!r} is not a day such as {last}.") from None
    if not first <= cut < last:
        raise SystemExit(f"--train-until: the orders are from {first} to {last}; {cut} does not part them.")
    return cut


def _fitted(name: str, future: Future) -> Iterator[tuple]:
    """The kinds and the models fitted to the past, without those that cannot be, with the reason printed."""
    from crm_plus.engine.customer.abstention import CannotFit
    from crm_plus.engine.customer.purchase_fit import fit_purchases

    for kind, title in NAMES.items():
        try:
            yield kind, fit_purchases(kind, *future.history)
        except CannotFit as refusal:
            print(f"{name}: {title} abstains: {refusal}", file=sys.stderr)


def _contest_figures(name: str, log: Log, cut, future: Future, baseline: "Errors") -> Iterator[Figure]:
    """What the winner of a contest that knew the past only forecast."""
    from crm_plus.engine.customer.abstention import CannotFit
    from crm_plus.engine.customer.contest import compete, fit_winner
    from crm_plus.engine.customer.order_log import OrderLog

    orders, end = OrderLog.of(log.customers, log.days), int(cut.astype("datetime64[D]").astype(int))
    try:
        verdict = compete(orders, end)
    except CannotFit as refusal:
        print(f"{name}: the contest abstains: {refusal}", file=sys.stderr)
        return
    for standing in verdict.standings:
        title = NAMES.get(standing.kind, "own count") + (" with the season" if standing.season else "")
        label = f"{name}: contest over {verdict.days} days, {len(standing.tests)} origins: {title} deviance"
        yield Figure(label, standing.deviance, "", verdict.repeat.deviance, "repeat of past")
    forecast = fit_winner(verdict, orders, end).total(WEEK * future.weeks, *orders.until(end).history)
    yield from _error_figures(f"{name}: winner", _errors(forecast, future.orders))
    if baseline.rmse:
        ours = _errors(forecast, future.orders)
        yield at_most(f"{name}: winner RMSE", ours.rmse, 1, "orders", baseline.rmse, "repeat of past", ratio=True)


def _model_figures(name: str, model, future: Future, peer: NDArray | None, baseline: "Errors") -> Iterator[Figure]:
    for parameter in ("r", "alpha", "a", "b", "s", "beta", "log_likelihood"):
        if hasattr(model, parameter):
            yield Figure(f"{name} {parameter}", getattr(model, parameter), "")
    ours = _errors(model.expected_orders(future.weeks, *future.history), future.orders)
    yield from _error_figures(name, ours, None if peer is None else _errors(peer, future.orders), "lifetimes")
    if baseline.rmse:
        yield Figure(f"{name} RMSE", ours.rmse, "orders", baseline.rmse, "repeat of past")


def _revenue_figures(name: str, fitted: dict, future: Future, peers: dict) -> Iterator[Figure]:
    """Expected orders times expected order value, against the revenue that came from the same customers."""
    from crm_plus.engine.customer.abstention import CannotFit
    from crm_plus.engine.customer.gamma_gamma import fit_values

    past = future.past
    try:
        values = fit_values(past.frequency, past.value)
    except CannotFit as refusal:
        print(f"{name}: no value: {refusal}", file=sys.stderr)
        return
    for parameter in ("p", "q", "v", "correlation"):
        yield Figure(f"{name}: Gamma-Gamma {parameter}", getattr(values, parameter), "")
    worth, came = values.order_value(past.frequency, past.value), float(future.revenue.sum())
    for kind, model in fitted.items():
        orders = model.expected_orders(future.weeks, *future.history)
        ours, label = float((orders * worth).sum()), f"{name}: {NAMES[kind]} and Gamma-Gamma"
        yield Figure(f"{label}: revenue forecast", ours, "", came, "came")
        yield Figure(f"{label}: orders in it", float(orders.sum()), "", float(future.orders.sum()), "came")
        yield Figure(f"{label}: value of an order in it", ours / orders.sum(), "", came / future.orders.sum(), "came")
        if kind in peers:
            theirs = float((peers[kind] * _peer_values(past)).sum())
            yield Figure(f"{label}: revenue forecast", ours, "", theirs, "lifetimes")


@dataclass(frozen=True, slots=True)
class Errors:
    """How far a forecast of orders is off: in total (share of what came), and per customer (orders)."""

    total: float
    mae: float
    rmse: float


def _errors(expected: NDArray, actual: NDArray) -> Errors:
    off = expected - actual
    return Errors(float(100 * off.sum() / actual.sum()), float(np.abs(off).mean()), float(np.sqrt((off**2).mean())))


def _error_figures(name: str, errors: Errors, peer: Errors | None = None, peer_name: str = "") -> Iterator[Figure]:
    for label, field, unit in (("total off by", "total", "%"), ("MAE", "mae", "orders"), ("RMSE", "rmse", "orders")):
        reference = getattr(peer, field) if peer else None
        yield Figure(f"{name} {label}", getattr(errors, field), unit, reference, peer_name if peer else "")


def _peer_orders(kind: str, future: Future) -> NDArray | None:
    """The orders `lifetimes` expects of each customer."""
    try:
        import lifetimes
    except ImportError:
        print("The Python package lifetimes is not installed: nothing to compare with.", file=sys.stderr)
        return None
    try:
        peer = getattr(lifetimes, PEERS[kind])().fit(*future.history)
    except (lifetimes.utils.ConvergenceError, np.linalg.LinAlgError):
        print(f"The {NAMES[kind]} of lifetimes does not converge on this log.", file=sys.stderr)
        return None
    return np.asarray(peer.predict(future.weeks, *future.history))


def _peer_values(past) -> NDArray:
    """The value of an order that `lifetimes` expects of each customer."""
    from lifetimes import GammaGammaFitter

    known = (past.frequency > 0) & (past.value > 0)
    values = GammaGammaFitter().fit(past.frequency[known], past.value[known])
    return np.asarray(values.conditional_expected_average_profit(past.frequency, past.value))


def _between(log: Log, customers: NDArray, after, until) -> tuple[NDArray, NDArray]:
    """Order days and revenue of each customer after one day, up to and including another."""
    window = (log.days > after) & (log.days <= until) & np.isin(log.customers, customers)
    code = np.searchsorted(customers, log.customers[window])
    day = log.days[window].astype(np.int64)
    revenue = np.bincount(code, weights=log.amounts[window], minlength=len(customers))
    distinct = np.unique(np.stack([code, day], axis=1), axis=0)
    return np.bincount(distinct[:, 0], minlength=len(customers)), revenue
