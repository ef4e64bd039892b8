"""The contest's winner at one origin after another, beside `lifetimes` and beside repeating the past."""

import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Figure, at_most
from benchmarks.purchase_logs import Log

WEEK = 7
STEP = 91
LEVELS = (0.2, 0.5, 0.8)
FEW = 30  # customers of a level whose share of silent ones says nothing


@dataclass(frozen=True, slots=True)
class Turn:
    """One origin: what the winner forecast, what came, and the peers beside it."""

    kind: str
    off: float
    deviance: float
    peers: dict[str, tuple[float, float]]  # off, deviance
    risk: NDArray
    silent: NDArray


def rolling(
    name: str, logs: list[Log], days: int, *, most: int = 8, off: float | None = None, silence: float | None = None
) -> Iterator[Figure]:
    """Mean over ``most`` origins of each log of how far the total is off, and of the deviance.

    ``off`` and ``silence`` are targets: percent, and calibration error of the churn risk.
    """
    turns = [turn for log in logs for turn in _turns(name, log, days, most)]
    if not turns:
        return
    label = f"{name}, {days} days ahead, {len(turns)} origins"
    ours = float(np.mean([abs(turn.off) for turn in turns]))
    beside = [turn for turn in turns if turn.peers]
    peers_off = [min(abs(peer_off) for peer_off, _deviance in turn.peers.values()) for turn in beside]
    reference = (float(np.mean(peers_off)), "best of lifetimes") if beside else ()
    if off is None:
        yield Figure(f"{label}: total off by", ours, "%", *reference)
    else:
        yield at_most(f"{label}: total off by", ours, off, "%", *reference)
    yield Figure(f"{label}: deviance", float(np.mean([turn.deviance for turn in turns])), "")
    if beside:
        best = float(np.mean([min(deviance for _off, deviance in turn.peers.values()) for turn in beside]))
        compared = float(np.mean([turn.deviance for turn in beside]))
        yield at_most(f"{label}: where lifetimes fits", compared, 1.02, "", best, "best of lifetimes", ratio=True)
    if silence is not None:
        yield from _silence_figures(label, turns, silence)
    print(f"{label}: {', '.join(turn.kind for turn in turns)}", file=sys.stderr)


def _turns(name: str, log: Log, days: int, most: int) -> Iterator[Turn]:
    from threadpoolctl import threadpool_limits

    from crm_plus.engine.customer.abstention import CannotFit
    from crm_plus.engine.customer.contest import compete, fit_winner, poisson_deviance
    from crm_plus.engine.customer.order_log import OrderLog

    orders = OrderLog.of(log.customers, log.days)
    first, last = orders.span
    for origin in range(last - days, first + STEP - 1, -STEP)[:most]:
        past = orders.until(origin)
        came = orders.counts(origin, origin + days)[past.code]
        try:
            with threadpool_limits(1):
                verdict = compete(orders, origin)
                model = fit_winner(verdict, orders, origin)
        except CannotFit as refusal:
            print(f"{name}, day {origin - first}: no forecast: {refusal}", file=sys.stderr)
            continue
        forecast = model.total(days, *past.history)
        yield Turn(
            model.kind + (" with the season" if model.season else ""),
            100 * (forecast.sum() / max(came.sum(), 1) - 1),
            poisson_deviance(forecast, came),
            dict(_peers(past, came, days)),
            model.risk(*past.history),
            came == 0,
        )


def _peers(past, came: NDArray, days: int) -> Iterator[tuple[str, tuple[float, float]]]:
    """What `lifetimes` makes of the same customers: how far its totals are off, and its deviance."""
    import lifetimes

    from crm_plus.engine.customer.contest import poisson_deviance

    history = past.frequency, past.recency / WEEK, past.age / WEEK
    for name, fitter in (
        ("BG/NBD of lifetimes", lifetimes.BetaGeoFitter), ("MBG/NBD of lifetimes", lifetimes.ModifiedBetaGeoFitter)
    ):  # fmt: skip
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                expected = np.asarray(fitter().fit(*history).predict(days / WEEK, *history))
        except (lifetimes.utils.ConvergenceError, np.linalg.LinAlgError):
            continue
        yield name, (100 * (expected.sum() / max(came.sum(), 1) - 1), poisson_deviance(expected, came))


def _silence_figures(label: str, turns: list[Turn], limit: float) -> Iterator[Figure]:
    """How far the probability of no order within the year is from the share of those who had none, and whether the
    levels of risk are in order of it."""
    from crm_plus.engine.customer.silence import calibration_error, shares_by_level

    errors = [calibration_error(turn.risk, turn.silent) for turn in turns]
    yield at_most(f"{label}: calibration error of churn risk", float(np.mean(errors)), limit, "")
    risk, silent = (np.concatenate([getattr(turn, name) for turn in turns]) for name in ("risk", "silent"))
    shares = [share for count, share in shares_by_level(risk, silent, LEVELS) if count >= FEW]
    levels = ", ".join(f"{share:.0%}" for share in shares)
    passed = shares == sorted(shares)
    yield Figure(
        f"{label}: silent by level of churn risk: {levels}", len(shares), "levels", target="rising", passed=passed
    )
