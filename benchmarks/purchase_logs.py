"""Purchase data for benchmarks: generated customers, CDNOW. Imports the engine inside functions."""

from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

YEARS_OF_DAYS = 3 * 365


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """One order a row: who, when (``datetime64[D]``), how much.

    ``left_out`` counts the rows of a file that are no orders by reason, ``repeated`` the orders that are there again
    word for word.
    """

    customers: NDArray
    days: NDArray
    amounts: NDArray
    left_out: dict[str, int] = field(default_factory=dict)
    repeated: int = 0


def generated_summary(n: int, seed: int = 1):
    """``n`` customers of three years who follow the MBG/NBD and Gamma-Gamma models, in whole days, as a summary."""
    from crm_plus.engine.customer.purchase import PurchaseSummary

    rng = np.random.default_rng(seed)
    age = rng.integers(1, YEARS_OF_DAYS, n)
    rate, dropout = rng.gamma(0.45, 1 / 25, n) + 1e-9, rng.beta(0.8, 2.5, n)
    x, last, clock = np.zeros(n, dtype=np.int64), np.zeros(n), np.zeros(n)
    active = np.flatnonzero(rng.random(n) > dropout)
    while len(active):
        clock[active] += rng.exponential(1 / rate[active])
        active = active[clock[active] <= age[active]]
        day = np.ceil(clock[active])
        x[active] += day > last[active]
        last[active] = day
        active = active[rng.random(len(active)) > dropout[active]]
    orders = np.maximum(x, 1)
    value = rng.gamma(6.0 * orders, 1 / (rng.gamma(3.7, 1 / 15, n) * orders)).round(2)
    return PurchaseSummary(np.arange(n), x, last, age.astype(float), np.where(x > 0, value, 0.0))


def cdnow_log() -> Log | None:
    """All 23,570 customers of CDNOW, January 1997 to June 1998, or None where their file is not installed."""
    path = _lifetimes_file("CDNOW_master.txt")
    if path is None:
        return None
    rows = np.genfromtxt(path, skip_header=1, dtype=["U5", "U8", int, float])
    return Log(rows["f0"], _dates(rows["f1"], "%Y%m%d"), rows["f3"])


def cdnow_sample() -> NDArray | None:
    """The 2,357 customers of the published estimates as a record array with x, t_x, T (weeks) and zbar."""
    path = _lifetimes_file("cdnow_customers_summary_with_transactions.csv")
    return None if path is None else np.genfromtxt(path, delimiter=",", names=True, dtype=float)


def _dates(texts, date_format: str) -> NDArray:
    distinct, row = np.unique(np.asarray(texts), return_inverse=True)
    return np.array([datetime.strptime(text, date_format).date() for text in distinct], dtype="datetime64[D]")[row]


def _lifetimes_file(name: str) -> Path | None:
    spec = find_spec("lifetimes")
    path = Path(spec.origin).parent / "datasets" / name if spec else Path(name)
    return path if path.is_file() else None
