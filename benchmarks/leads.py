"""Lead scoring: is the predictor as good as scikit-learn's best, better than the host's own, and how fast is it?

    ./dev bench leads [--csv FILE --target COL --hold COL [--drop COL ...] [--won VALUE] [--lost VALUE ...]]

Without ``--csv`` the shared real leads are used when they lie beside the repository, else generated ones (it says so).
All competitors see exactly the columns we see; those that predict suspiciously well are named beforehand.

The expected calibration error (ECE) has ten bins of equal width. On a few thousand leads it is mostly sampling noise:
what a perfectly calibrated predictor would show stands beside it, and two figures with less noise are judged as well:
with the noise of each bin removed, and out of fold over all leads.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.harness import Figure
from benchmarks.leads_csv import read_csv
from benchmarks.leads_data import SHARED, SHARED_DROP, Leads, generate

NEEDS = "odoo"


def add_arguments(parser) -> None:
    """The file to measure on."""
    parser.add_argument("--csv", type=Path, help="leads, one a row (also .gz)")
    parser.add_argument("--target", default="Converted", help="column that says whether the lead was won")
    parser.add_argument("--hold", help="column that is 1 for leads to judge on (default: the last 30 %% of the rows)")
    parser.add_argument("--won", metavar="VALUE", help="value of the target that means won, where that is not plain")
    parser.add_argument(
        "--lost", metavar="VALUE", nargs="*", action="extend", default=[],
        help="values that mean lost; rows with another one, open ones for example, are left out",
    )  # fmt: skip
    parser.add_argument("--only", choices=["engine", "host"], help="beside scikit-learn only, or the host only")
    parser.add_argument("--drop", nargs="*", action="extend", default=[], help="columns to leave out")


def run(options) -> Iterable[Figure]:
    """Quality on held-out leads, then time and memory."""
    leads = _load(options)
    learned, judged = (~leads.hold).sum(), leads.hold.sum()
    print(f"Measured on {leads.origin}: {learned} to learn from, {judged} to judge on.", file=sys.stderr)
    from benchmarks.leads_engine import quality, speed, suspicious  # only now can the engine be imported alone

    for words in suspicious(leads):
        print(f"Suspicious: {words}. If it is filled after the outcome, leave it out by --drop.", file=sys.stderr)

    if options.only != "host":
        yield from quality(leads)
        yield from speed(leads)
    from benchmarks.leads_host import host

    if options.only != "engine":
        yield from host(leads, options)


def _load(options) -> Leads:
    if options.csv:
        return read_csv(options.csv, options.target, options.hold, options.drop, options.won, options.lost)
    if SHARED.exists():
        return read_csv(SHARED, "Converted", "hold", SHARED_DROP)
    print("The real leads are not here: measuring on generated ones.", file=sys.stderr)
    return generate(10_000)
