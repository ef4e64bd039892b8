"""Lead scoring on many sets at once: out-of-fold figures beside those of scikit-learn's gradient boosting.

    ./dev bench lead_folds [--csv FILE ... --target COL]

Each file is cut into four parts with equal shares of won leads; each part is predicted by models trained on the other
three. Without files, generated sets. What changes the predictor should be judged by the means over many sets.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from benchmarks.harness import Figure, at_least, at_most
from benchmarks.leads_csv import read_csv
from benchmarks.leads_data import Leads, generate

NEEDS = "engine"
PARTS = 4
COUNTED = {
    "AUC": lambda record: record.auc,
    "log-loss": lambda record: record.log_loss,
    "Brier score": lambda record: record.brier,
    "ECE": lambda record: record.ece,
    "ECE, less what chance gives": lambda record: record.ece - record.ece_by_chance,
    "ECE, sampling noise removed": lambda record: record.ece_debiased,
}


def add_arguments(parser) -> None:
    """The files to measure on."""
    parser.add_argument("--csv", type=Path, nargs="*", default=[], help="files of closed leads, one a row (also .gz)")
    parser.add_argument("--target", default="won", help="column that says whether the lead was won, in all files")


def run(options) -> Iterable[Figure]:
    """Figures of each set, then their means."""
    files = [read_csv(path, options.target, None) for path in options.csv]
    sets = files or [generate(leads) for leads in (2_000, 8_000)]
    means = []
    for leads in sets:
        ours, theirs = folded(leads)
        means.append((ours, theirs))
        named = f"{leads.origin}: "
        yield at_least(named + "AUC", ours["AUC"], theirs["AUC"] - 0.005, "", theirs["AUC"])
        for name in ("log-loss", "Brier score"):
            yield at_most(named + name, ours[name], theirs[name] + 0.01, "", theirs[name])
        yield at_most(named + "ECE, less what chance gives", ours["ECE, less what chance gives"], 0.01, "")
    for name in COUNTED:
        ours, theirs = (float(np.mean([side[place][name] for side in means])) for place in (0, 1))
        yield Figure(f"mean of {len(means)}: {name}", ours, "", theirs, "HistGradientBoosting")


def folded(leads: Leads) -> tuple[dict, dict]:
    """The means over the parts, ours and the competitor's."""
    from benchmarks.leads_engine import competitors, learnt_model  # only now can the engine be imported alone
    from crm_plus.engine.prediction.metrics import evaluate

    records = []
    for inside in _parts(leads.won):
        part = Leads(leads.origin, leads.columns, leads.won, inside)
        ours = learnt_model(part, ~inside).score(part.part(inside)).probability
        theirs = next(iter(competitors(part)))
        records.append([evaluate(leads.won[inside], chance) for chance in (ours, theirs)])
    return tuple(
        {name: float(np.mean([figure(record[side]) for record in records])) for name, figure in COUNTED.items()}
        for side in (0, 1)
    )


def _parts(won: np.ndarray) -> Iterable[np.ndarray]:
    shuffled = np.random.default_rng(0).permutation(len(won))
    order = shuffled[np.argsort(won[shuffled], kind="stable")]
    return (np.isin(np.arange(len(won)), order[number::PARTS]) for number in range(PARTS))
