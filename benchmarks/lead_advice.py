"""What leads are advised where no field tells anything, and where some do."""

import numpy as np

from crm_plus.engine.prediction.calibration import sigmoid
from crm_plus.engine.prediction.features import Feature
from crm_plus.engine.prediction.train import Options, train
from crm_plus.engine.prediction.what_if import SOME, improvements

PRESENT, TOLD, NAMED = ("p0", "p1", "p2", "p3", "p4", "p5"), ("p0", "p1", "p2"), ("c0", "c1", "c2")
FEATURES = (
    *(Feature(name, "presence") for name in PRESENT),
    *(Feature(name, "category") for name in NAMED),
    Feature("calls", "numeric"),
)
SHOWN = 0.005  # a gain is told in whole percentage points


def leads(count: int, rng, strength: float) -> tuple[dict, np.ndarray]:
    """Columns of `FEATURES` and outcomes; each of `TOLD` that is filled in adds ``strength`` to the logit."""
    columns = {name: rng.random(count) < 0.5 for name in PRESENT}
    logit = -0.3 + strength * sum(columns[name] - 0.5 for name in TOLD)
    columns |= {name: rng.choice(["a", "b", "c", "d", None], count) for name in NAMED}
    columns["calls"] = rng.poisson(1, count)
    return {name: values.tolist() for name, values in columns.items()}, (rng.random(count) < sigmoid(logit)).astype(int)


def advice(learned: int, asked: int, seed: int, strength: float) -> tuple[int, float]:
    """(how many of ``asked`` leads are advised something, which share of what would help is found)."""
    rng = np.random.default_rng(seed)
    model = train(*leads(learned, rng, strength), FEATURES, Options(min_won=20, min_lost=20))
    columns, _won = leads(asked, rng, strength)
    advised, found, helpful = 0, 0, 0
    for row in range(asked):
        lead = {name: [values[row]] for name, values in columns.items()}
        steps = {name: {name: SOME} for name in (*PRESENT, *NAMED) if not lead[name][0]}
        steps["calls"] = {"calls": lead["calls"][0] + 1}
        told = {step.key for step in improvements(model, lead, steps) if step.gain >= SHOWN}
        advised += bool(told)
        found += len(told.intersection(TOLD))
        helpful += len(steps.keys() & set(TOLD))
    return advised, found / max(helpful, 1)


def advised_on_noise(learned: int, asked: int, seed: int) -> int:
    """How many of ``asked`` leads are advised something by a model that learned from noise."""
    return advice(learned, asked, seed, 0.0)[0]
