"""Made-up worlds whose future is known: what predictions tell open and fresh leads, and what is forecast of customers,
beside what comes.

Of leads, records of 1,500 and of 400 days; lost leads of which none, a tenth or three tenths are never closed; wins
of which none or a quarter are put in as closed.
"""

from collections.abc import Iterable
from itertools import product

from benchmarks.customer_worlds import customer_figures
from benchmarks.harness import Figure, at_most

NEEDS = "engine"
SEEDS = range(6)


def add_arguments(parser) -> None:
    """A part of the worlds."""
    parser.add_argument("--only", choices=["leads", "customers"], help="worlds of leads only, or of customers only")


def run(options) -> Iterable[Figure]:
    """All figures."""
    if options.only != "customers":
        yield from _lead_figures(options)
    if options.only != "leads":
        yield from customer_figures(options)


def _lead_figures(options) -> Iterable[Figure]:
    """Mean gaps over the worlds, in shares of one."""
    from benchmarks.lead_worlds import gaps

    for (days, leads), never, at_once in product(((1500, 6000), (400, 4000)), (0.0, 0.1, 0.3), (0.0, 0.25)):
        open_gap, ece, fresh_gap = gaps(int(leads * options.scale), days, SEEDS, never=never, at_once=at_once)
        world = f"{days} days, {never:.0%} never closed, {at_once:.0%} put in as closed"
        yield at_most(f"{world}: |predicted - came|, open leads", abs(open_gap), 0.05, "")
        yield at_most(f"{world}: |predicted - came|, fresh leads", abs(fresh_gap), 0.02, "")
        yield at_most(f"{world}: calibration error, open leads", ece, 0.05, "")
