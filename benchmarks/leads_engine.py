"""The predictor beside scikit-learn's on the same columns, and its time and memory (see `benchmarks.leads`)."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from benchmarks.harness import Figure, at_least, at_most, timed
from benchmarks.leads_data import Leads, tiled
from crm_plus.engine.prediction.explain import explanations
from crm_plus.engine.prediction.features import guess_features
from crm_plus.engine.prediction.leakage import find_leaks
from crm_plus.engine.prediction.metrics import Evaluation, ece, evaluate
from crm_plus.engine.prediction.model import ScoreModel
from crm_plus.engine.prediction.shortfall import Shortfall
from crm_plus.engine.prediction.train import train

ROOT = Path(__file__).resolve().parent.parent
# A new interpreter needs the bare package as well: importing crm_plus itself would import Odoo.
CHILD = """
import sys, types
package = types.ModuleType("crm_plus")
package.__path__ = ["crm_plus"]
sys.modules["crm_plus"] = package
from benchmarks import leads_engine
leads_engine.measure(sys.argv[1])
"""
BOOSTING, LOGISTIC = "HistGradientBoosting", "logistic regression"


def quality(leads: Leads) -> Iterable[Figure]:
    """Our figures on the held-out leads beside those of both competitors on the same columns."""
    won, judged = leads.won[leads.hold], leads.part(leads.hold)
    model = learnt_model(leads, ~leads.hold)
    ours = evaluate(won, model.score(judged).probability)
    boosting, logistic = (evaluate(won, chance) for chance in competitors(leads))
    yield at_least("AUC", ours.auc, boosting.auc - 0.005, "", boosting.auc, BOOSTING)
    yield at_most("log-loss", ours.log_loss, boosting.log_loss + 0.01, "", boosting.log_loss, BOOSTING)
    yield at_most("Brier score", ours.brier, boosting.brier + 0.01, "", boosting.brier, BOOSTING)
    yield at_most("ECE", ours.ece, 0.02, "", ours.ece_by_chance, "a perfectly calibrated predictor, by chance")
    yield at_most("ECE, sampling noise removed", ours.ece_debiased, 0.02, "", boosting.ece_debiased, BOOSTING)
    yield at_most("ECE, out of fold over all leads", folded_ece(leads), 0.02, "")
    others = cut_anew(leads)
    chance = float(np.mean([record.ece_by_chance for record in others]))
    beside = "a perfectly calibrated predictor, by chance"
    yield Figure(
        f"ECE, mean of {len(others)} other cuts", float(np.mean([record.ece for record in others])), "", chance, beside
    )
    yield Figure("ECE, the worst of them", max(record.ece for record in others), "", chance, beside)
    yield Figure("ECE of the competitor", boosting.ece, "", boosting.ece_by_chance, BOOSTING)
    yield Figure("AUC of the competitor", logistic.auc, "", ours.auc, f"ours; competitor: {LOGISTIC}")
    yield Figure("log-loss of the competitor", logistic.log_loss, "", ours.log_loss, f"ours; competitor: {LOGISTIC}")


def learnt_model(leads: Leads, rows: np.ndarray) -> ScoreModel:
    """The model of some of the leads (a mask). Raises SystemExit with the shortfall when they are too few."""
    learned = leads.part(rows)
    model = train(learned, leads.won[rows], guess_features(learned))
    if isinstance(model, Shortfall):
        raise SystemExit(f"No prediction of {leads.origin}: {model.words}.")
    return model


def suspicious(leads: Leads) -> list[str]:
    """What the check for leakage says about the columns of the leads to learn from."""
    learned = leads.part(~leads.hold)
    found = {}
    for leak in find_leaks(learned, leads.won[~leads.hold], guess_features(learned)):
        found.setdefault(leak.feature, []).append(leak.words)
    return ["; ".join(words) for words in found.values()]


def folded_ece(leads: Leads) -> float:
    """Plain ECE over all leads, each predicted by a model trained without its fifth: more leads, so less noise."""
    part = np.random.default_rng(0).permutation(len(leads.won)) % 5
    chance = np.empty(len(leads.won))
    for number in range(5):
        model = learnt_model(leads, part != number)
        chance[part == number] = model.score(leads.part(part == number)).probability
    return ece(leads.won, chance)


def cut_anew(leads: Leads, times: int = 10) -> list[Evaluation]:
    """The same leads held out in other ways, as many and with the same share of won ones: how far chance decides."""
    records, random = [], np.random.default_rng(0)
    for _time in range(times):
        inside = np.zeros(len(leads.won), dtype=bool)
        for outcome in (0, 1):
            places = np.flatnonzero(leads.won == outcome)
            inside[random.choice(places, int((leads.hold & (leads.won == outcome)).sum()), replace=False)] = True
        part = Leads(leads.origin, leads.columns, leads.won, inside)
        records.append(evaluate(leads.won[inside], learnt_model(part, ~inside).score(part.part(inside)).probability))
    return records


def competitors(leads: Leads) -> Iterable[np.ndarray]:
    """Probabilities of the held-out leads by unconstrained gradient boosting and by logistic regression."""
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    matrix, categorical = _matrix(leads)
    rows, judged, won = matrix[~leads.hold], matrix[leads.hold], leads.won[~leads.hold]
    boosting = HistGradientBoostingClassifier(categorical_features=categorical, random_state=0)
    yield boosting.fit(rows, won).predict_proba(judged)[:, 1]
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    levels = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5)
    prepared = make_column_transformer((levels, categorical), (numbers, ~categorical))
    logistic = make_pipeline(prepared, LogisticRegression(max_iter=2000))
    yield logistic.fit(rows, won).predict_proba(judged)[:, 1]


def _matrix(leads: Leads) -> tuple[np.ndarray, np.ndarray]:
    """Numbers as they are, texts as codes of their 200 most frequent values (rarer ones share a code)."""
    features = guess_features(leads.columns)
    matrix = np.empty((len(leads.won), len(features)))
    for place, feature in enumerate(features):
        values = leads.columns[feature.name]
        if feature.kind == "numeric":
            matrix[:, place] = np.array(values, dtype=float)
            continue
        texts = np.array(["" if value is None else str(value) for value in values])
        _, code, counts = np.unique(texts, return_inverse=True, return_counts=True)
        rank = np.argsort(np.argsort(-counts, kind="stable"))
        matrix[:, place] = np.where(texts == "", np.nan, np.minimum(rank, 200)[code])
    return matrix, np.array([feature.kind != "numeric" for feature in features])


def speed(leads: Leads) -> Iterable[Figure]:
    """Training on 50,000 and scoring 100,000 leads with explanations, each in a process of its own for its memory."""
    fit = _in_own_process("fit", leads)
    yield at_most("training on 50,000 leads", fit["time"], 60, "s")
    yield at_most("memory of that", fit["memory"], 512, "MB")
    score = _in_own_process("score", leads)
    yield at_most("scoring 100,000 leads with explanations, a lead", score["time"], 0.08, "ms")
    yield at_most("memory of that", score["memory"], 512, "MB")


def _in_own_process(job: str, leads: Leads) -> dict:
    """Repeat the leads, run one job on them in a new interpreter and read what it measured."""
    rows = leads.part(np.arange(min(len(leads.won), 10_000)))
    data = json.dumps({"columns": rows, "won": leads.won[:10_000].tolist()}, default=list)
    command = [sys.executable, "-c", CHILD, job]
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        command, input=data, capture_output=True, text=True, env=os.environ | threads, cwd=ROOT, check=False
    )
    if done.returncode:
        raise SystemExit(f"The {job} job failed: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


def measure(job: str) -> None:
    """Inside the new interpreter: print seconds (fit) or milliseconds a lead (score), and the peak memory in MB."""
    data = json.load(sys.stdin)
    leads = Leads("", data["columns"], np.array(data["won"]), np.zeros(len(data["won"]), dtype=bool))
    features = guess_features(leads.columns)
    if job == "fit":
        columns, won = tiled(leads, 50_000)
        seconds = timed(lambda: train(columns, won, features), repeat=1, warmup=0)[0]
    else:
        model = train(leads.columns, leads.won, features)
        columns, _ = tiled(leads, 100_000)

        def drain():
            return [len(texts) for _, texts in explanations(model, columns)]

        seconds = min(timed(drain, repeat=3, warmup=0)) * 1000 / 100_000
    print(json.dumps({"time": seconds, "memory": peak_memory()}))


def peak_memory() -> float:
    """The most memory this process has had, in MB. Not ``ru_maxrss``, which a new process inherits from its parent."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024
