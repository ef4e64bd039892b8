"""Few leads to learn from: whether others are told as surely as they may be, in worlds that tell little or much."""

from collections.abc import Iterable

import numpy as np

from crm_plus.engine.prediction.calibration import sigmoid
from crm_plus.engine.prediction.features import Feature
from crm_plus.engine.prediction.metrics import ece, ece_by_chance
from crm_plus.engine.prediction.train import Options, train

WORLDS = {"noise": 0.0, "something to learn": 0.7, "much to learn": 1.2}  # logits
LEVELS = ("a", "b", "c", "d", "e")
FEATURES = tuple(Feature(f"{kind}{number}", kind) for number in range(4) for kind in ("numeric", "category"))
TELLING = 4  # of them; the others tell nothing
JUDGED = 3_000


def leads(name: str, count: int, rng) -> tuple[dict, np.ndarray, np.ndarray]:
    """Columns of `FEATURES`, outcomes and true logits of a world."""
    logit, columns = np.full(count, -0.6), {}
    for place, feature in enumerate(FEATURES):
        strength = WORLDS[name] * (place < TELLING)
        values = rng.normal(size=count) if feature.kind == "numeric" else rng.integers(0, len(LEVELS), count)
        logit = logit + strength * (0.7 * values if feature.kind == "numeric" else values / 2 - 1)
        columns[feature.name] = values.tolist() if feature.kind == "numeric" else [LEVELS[value] for value in values]
    return columns, (rng.random(count) < sigmoid(logit)).astype(int), logit


def few(name: str, count: int, seeds: Iterable[int]) -> tuple[float, float, float, float]:
    """(slope of the outcome on the logit that was told, over the leads of all worlds; mean calibration error; what it
    would be by chance alone; what it is when the true logits are known but for their level and slope, two numbers that
    are learned from as many leads)."""
    told, came, errors = [], [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        known, outcomes, true = leads(name, count, rng)
        model = train(known, outcomes, FEATURES, Options(min_won=20, min_lost=20))
        columns, won, fresh = leads(name, JUDGED, rng)
        chance = model.score(columns).probability
        told.append(np.log(chance / (1 - chance)))
        came.append(won)
        level, steep = line(true, outcomes)
        ranked = ece(won, sigmoid(level + steep * fresh))
        errors.append((ece(won, chance), ece_by_chance(chance), ranked))
    return line(np.concatenate(told), np.concatenate(came))[1], *map(float, np.mean(errors, axis=0))


def line(logits: np.ndarray, won: np.ndarray) -> tuple[float, float]:
    """Level and slope of the logistic regression of outcomes on logits (Cox 1958): the slope is 1 where they are as
    sure as they may be, less where they are too sure."""
    basis, found = np.column_stack([np.ones_like(logits), logits]), np.zeros(2)
    for _step in range(30):
        chance = sigmoid(basis @ found)
        hessian = (basis * (chance * (1 - chance))[:, None]).T @ basis + 1e-9 * np.eye(2)
        found = found + np.linalg.solve(hessian, basis.T @ (won - chance))
    return float(found[0]), float(found[1])
