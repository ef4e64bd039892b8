"""The engine's tests run without Odoo.

Real purchase data ship inside the PyPI package ``lifetimes``: CDNOW (Fader and Hardie), donations, an example log.
"""

import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

# A busy machine is no failure; every run tries the same examples, unless new ones are asked for.
NEW = bool(os.environ.get("CRM_PLUS_NEW_EXAMPLES"))
settings.register_profile("engine", deadline=None, derandomize=not NEW, database=None)
settings.load_profile("engine")


@pytest.fixture(scope="session", autouse=True)
def no_odoo():
    """Whatever the engine's tests import, Odoo is not among it."""
    yield
    assert "odoo" not in sys.modules, "the engine must not import Odoo"


@pytest.fixture(scope="session")
def lifetimes_file() -> Callable[[str], Path]:
    spec = find_spec("lifetimes")
    if spec is None:
        pytest.skip("the package lifetimes, which holds the data, is not installed")
    return lambda name: Path(spec.origin).parent / "datasets" / name


@pytest.fixture(scope="session")
def cdnow(lifetimes_file):
    """2,357 customers as a record array: x, t_x, T in weeks and zbar, the mean value of their repeat orders."""
    return np.genfromtxt(
        lifetimes_file("cdnow_customers_summary_with_transactions.csv"), delimiter=",", names=True, dtype=float
    )


@pytest.fixture(scope="session")
def donations(lifetimes_file):
    """11,104 donors in 22 rows: frequency, recency, periods (age), weights."""
    return np.genfromtxt(lifetimes_file("donations.csv"), delimiter=",", names=True, dtype=float)


@pytest.fixture(scope="session")
def cdnow_log(lifetimes_file):
    """69,659 orders of 23,570 customers: identifiers, dates and dollars."""
    rows = np.genfromtxt(lifetimes_file("CDNOW_master.txt"), skip_header=1, dtype=["U5", "U8", int, float])
    days = np.array([f"{day[:4]}-{day[4:6]}-{day[6:]}" for day in rows["f1"]], dtype="datetime64[D]")
    return rows["f0"], days, rows["f3"]


@pytest.fixture(scope="session")
def example_log(lifetimes_file):
    """15,273 orders of 5,000 made-up customers in 2014: identifiers and dates; the amounts are all 1."""
    rows = np.genfromtxt(lifetimes_file("example_transactions.csv"), delimiter=",", skip_header=1, dtype=["U10", int])
    return rows["f1"], rows["f0"].astype("datetime64[D]"), np.ones(len(rows))
