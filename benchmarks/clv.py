"""Customer lifetime value: fit, prediction and value for every customer, against `lifetimes` doing the same.

Without --csv: a million generated customers (--scale for fewer), then CDNOW. With --csv: anyone's transaction log.
"""

import importlib
import resource
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.clv_forecast import forecast
from benchmarks.harness import Figure, at_least, at_most, timed_median
from benchmarks.purchase_csv import csv_log
from benchmarks.purchase_logs import cdnow_log, cdnow_sample, generated_summary
from benchmarks.purchase_rolling import rolling
from benchmarks.purchase_worlds import world
from benchmarks.value_forecast import value_figures

NEEDS = "engine"
MONTHS = 12
PUBLISHED = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "p": 6.25, "q": 3.74, "v": 15.44}


def add_arguments(parser) -> None:
    """A transaction log of one's own and where its past ends."""
    parser.add_argument("--csv", help="transaction log, one order a row")
    parser.add_argument("--customer", default="customer", help="its column with the customer")
    parser.add_argument("--date", default="date", help="its column with the date")
    parser.add_argument("--amount", default="amount", help="its column with the amount")
    parser.add_argument("--date-format", help="as strptime has it; default: found out")
    parser.add_argument("--train-until", help="last day the models see (ISO); default: three quarters of the log")


def run(options) -> Iterable[Figure]:
    """All figures."""
    warnings.simplefilter("ignore")  # lifetimes divides by zero and takes logarithms of it
    if options.csv:
        log = csv_log(options.csv, options.customer, options.date, options.amount, options.date_format)
        yield Figure("orders", len(log.days), "")
        for reason, count in log.left_out.items():
            yield Figure(f"rows {reason}, left out", count, "")
        yield Figure("orders there more than once word for word", log.repeated, "")
        yield from forecast("log", log, options.train_until)
        return
    yield from _speed(round(1_000_000 * options.scale))
    yield from _published()
    log = cdnow_log()
    if log is None:
        print("CDNOW is not installed (PyPI package lifetimes): skipped.", file=sys.stderr)
        return
    yield from forecast("CDNOW", log, options.train_until or "1997-09-30")
    yield from rolling("CDNOW", [log], 273, off=13.5)
    yield from rolling("CDNOW", [log], 182)
    yield from rolling("CDNOW", [log], 364, most=2, silence=0.05)
    for cut in ("1997-06-30", "1997-09-30", "1997-12-31"):
        yield from value_figures("CDNOW", log, cut, 0.9)


def _speed(n: int) -> Iterator[Figure]:
    """Time and memory for ``n`` customers, imports apart; ours run first, so that the peak is theirs and the data's."""
    summary = generated_summary(n)
    before = _peak_megabytes()
    ours = _ours(summary)
    seconds = timed_median(lambda: _ours(summary), repeat=3, warmup=0)
    peak = _peak_megabytes()
    importlib.import_module("lifetimes")
    peer_seconds, theirs = _timed(lambda: _lifetimes(summary))
    label = f"CLV of {n:,} customers"
    yield at_most(f"{label}: fit, prediction, value", seconds, 10, "s", peer_seconds, "lifetimes")
    yield at_least(f"{label}: times faster than lifetimes", peer_seconds / seconds, 10, "x")
    yield at_most(f"{label}: peak memory of the process", peak, 1024, "MB", before, "before the fit")
    difference = np.abs(ours.lifetime_value / theirs.lifetime_value - 1)
    yield at_most(f"{label}: 99 % differ from lifetimes by", float(np.nanquantile(difference, 0.99)), 1e-3, "")
    yield from _contest_speed(n)


def _contest_speed(n: int) -> Iterator[Figure]:
    """Time and memory of the contest among ``n`` customers, of the winner's fit to all of them, and of its forecast,
    beside that of the model that was the only one before. Seconds are the processor's: other work changes little.
    """
    from threadpoolctl import threadpool_limits

    from crm_plus.engine.customer.contest import compete, fit_winner
    from crm_plus.engine.customer.forecaster import YEAR, Forecaster
    from crm_plus.engine.customer.purchase_fit import fit_purchases

    orders = _large_log(n)
    history, end = orders.until(orders.span[1]).history, orders.span[1]
    with threadpool_limits(1):
        seconds, verdict = _timed(lambda: compete(orders, end), time.process_time)
        fit_seconds, model = _timed(lambda: fit_winner(verdict, orders, end), time.process_time)
        before = Forecaster("mbg_nbd", fit_purchases("mbg_nbd", *history))
        usual, _orders = _timed(lambda: before.total(YEAR, *history), time.process_time)
        forecast, _orders = _timed(lambda: model.total(YEAR, *history), time.process_time)
    label = f"contest among {n:,} customers with {len(orders.day):,} order days"
    yield at_most(f"{label}: {len(verdict.standings)} entrants, {len(verdict.winner.tests)} origins", seconds, 60, "s")
    yield at_most(f"{label}: the winner ({verdict.winner.kind}) fitted to all", fit_seconds, 60, "s")
    yield Figure(f"{label}: its forecast of all, a year", forecast, "s", usual, "MBG/NBD")
    yield at_most(f"{label}: peak memory of the process", _peak_megabytes(), 1024, "MB")


def _large_log(n: int):
    """The orders of ``n`` customers who order by chance until they leave, made in parts, which take less memory."""
    from crm_plus.engine.customer.order_log import OrderLog

    size, who, days = 50_000, [], []
    for number, begin in enumerate(range(0, n, size)):
        part = world("leaving", min(size, n - begin), seed=number)
        who.append((part.customers + begin).astype(np.int32))
        days.append(part.days.astype(np.int64).astype(np.int32))
    return OrderLog.of(np.concatenate(who), np.concatenate(days))


def _published() -> Iterator[Figure]:
    """The estimates of the CDNOW sample against those in print."""
    from crm_plus.engine.customer.gamma_gamma import fit_values
    from crm_plus.engine.customer.purchase_fit import fit_purchases

    sample = cdnow_sample()
    if sample is None:
        return
    history = [sample[name] for name in ("x", "t_x", "T")]
    purchases = fit_purchases("bg_nbd", *history, prior_spread=None)
    weak = fit_purchases("bg_nbd", *history)
    values = fit_values(sample["x"], sample["zbar"])
    found = {**purchases.to_json(), **values.to_json()}
    for name, published in PUBLISHED.items():
        limit = 5e-4 if name in ("r", "alpha", "a", "b") else 0.01
        off = abs(found[name] - published)
        passed = bool(off <= limit)
        yield Figure(f"CDNOW sample: {name}", found[name], "", published, "published", f"off <= {limit:g}", passed)
    yield Figure("CDNOW sample: log-likelihood", purchases.log_likelihood, "", -9582.4, "published")
    moved = max(abs(getattr(weak, name) / PUBLISHED[name] - 1) for name in ("r", "alpha", "a", "b"))
    yield at_most("CDNOW sample: the prior moves a parameter by at most", 100 * moved, 2, "%")


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What either package says of each customer."""

    orders: NDArray
    p_alive: NDArray
    lifetime_value: NDArray


def _ours(summary) -> Result:
    from crm_plus.engine.customer.clv import Horizon, outlook
    from crm_plus.engine.customer.forecaster import Forecaster
    from crm_plus.engine.customer.gamma_gamma import fit_values
    from crm_plus.engine.customer.purchase_fit import fit_purchases

    model = fit_purchases("mbg_nbd", summary.frequency, summary.recency, summary.age)
    purchases = Forecaster("mbg_nbd", model)
    values = fit_values(summary.frequency, summary.value)
    result = outlook(summary, purchases, values, Horizon(MONTHS, month_length=30))
    return Result(result.orders, result.p_alive, result.lifetime_value)


def _lifetimes(summary) -> Result:
    import pandas as pd
    from lifetimes import GammaGammaFitter, ModifiedBetaGeoFitter

    x, t_x, age, value = (pd.Series(c) for c in (summary.frequency, summary.recency, summary.age, summary.value))
    purchases = ModifiedBetaGeoFitter().fit(x, t_x, age)
    values = GammaGammaFitter().fit(x[x > 0], value[x > 0])
    orders = purchases.predict(30 * MONTHS, x, t_x, age)
    p_alive = purchases.conditional_probability_alive(x, t_x, age)
    worth = values.customer_lifetime_value(purchases, x, t_x, age, value, time=MONTHS, discount_rate=0.01, freq="D")
    return Result(np.asarray(orders), p_alive, np.asarray(worth))


def _timed(work: Callable[[], Result], clock: Callable[[], float] = time.perf_counter) -> tuple[float, Result]:
    start = clock()
    result = work()
    return clock() - start, result


def _peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
