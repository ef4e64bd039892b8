"""Made-up worlds whose future is known: what predictions tell open and fresh leads, and what is forecast of customers,
beside what comes.

Of leads, records of 1,500 and of 400 days; lost leads of which none, a tenth or three tenths are never closed; wins
of which none or a quarter are put in as closed; fields that are filled in late; few leads; nothing to learn from.
"""

from collections.abc import Iterable
from itertools import product

import numpy as np

from benchmarks.customer_worlds import customer_figures
from benchmarks.harness import Figure, at_most

NEEDS = "engine"
SEEDS = range(6)
FEW = 170  # leads: hardly more than a prediction needs
RECORDS = ((1500, 6000), (400, 4000), (400, 1000))  # days, leads


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

    for (days, leads), never, at_once in product(RECORDS, (0.0, 0.1, 0.3), (0.0, 0.25)):
        open_gap, ece, fresh_gap, by_chance = gaps(
            int(leads * options.scale), days, SEEDS, never=never, at_once=at_once
        )
        world = f"{days} days, {leads:,} leads, {never:.0%} never closed, {at_once:.0%} put in as closed"
        yield at_most(f"{world}: |predicted - came|, open leads", abs(open_gap), 0.05, "")
        yield at_most(f"{world}: |predicted - came|, fresh leads", abs(fresh_gap), 0.02, "")
        yield at_most(f"{world}: calibration error, open leads", ece, 0.05, "", by_chance, "by chance")
    yield from _late_figures(int(15_000 * options.scale), 3, 0.02)
    yield from _late_figures(int(3_000 * options.scale), 12, None)
    yield from _few_figures()


def _late_figures(leads: int, worlds: int, ece_limit: float | None) -> Iterable[Figure]:
    """What is shown of a prediction whose field is filled in late, beside what it knows when a lead is open."""
    from benchmarks.late_worlds import WORLDS, late_world

    for name in WORLDS:
        found = [late_world(name, leads, seed=seed) for seed in range(worlds)]
        used = sum(one.used for one in found)
        label = f"{leads:,} leads, a field {name} (used in {used} of {len(found)})"
        names = ("shown", "true", "ece", "ece_by_chance")
        shown, true, ece, chance = (float(np.mean([getattr(one, key) for one in found])) for key in names)
        yield at_most(f"{label}: shown AUC more than the true one by", shown - true, 0.02, "", true, "true AUC")
        beside = "", chance, "by chance"
        if ece_limit is None:
            yield Figure(f"{label}: calibration error", ece, *beside)
        else:
            yield at_most(f"{label}: calibration error", ece, ece_limit, *beside)


def _few_figures() -> Iterable[Figure]:
    """Few leads: the slope of what came on what was told, and who is advised something where nothing tells anything."""
    from benchmarks.few_leads import WORLDS, few
    from benchmarks.lead_advice import advice

    for name in WORLDS:
        slope, ece, by_chance, ranked = few(name, FEW, range(20))
        if name != "noise":
            yield Figure(f"{FEW} leads, {name}: slope", slope, "", target="0.8 to 1.4", passed=0.8 <= slope <= 1.4)
            yield Figure(f"{FEW} leads, {name}: calibration error", ece, "", ranked, "true order, two numbers learned")
            yield Figure(f"{FEW} leads, {name}: calibration error by chance", by_chance, "")
        else:
            yield at_most(f"{FEW} leads, {name}: calibration error", ece, 0.045, "", by_chance, "by chance")
    for leads in (FEW, 600, 2_000):
        noise = sum(advice(leads, 50, seed, 0.0)[0] for seed in range(10)) / 500
        yield at_most(f"advice learned from {leads} leads of noise: leads advised something", 100 * noise, 5, "%")
        found = float(np.mean([advice(leads, 50, seed, 0.8)[1] for seed in range(5)]))
        yield Figure(f"advice learned from {leads} leads: what helps and is advised", 100 * found, "%")
