"""Worlds of leads with a field that is filled in after the lead was created, more or less by how it ends: what a
prediction seems to know, read from what a lead says in the end, beside what it knows when the lead is open."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_plus.engine.prediction.features import Feature
from crm_plus.engine.prediction.landmarks import LANDMARKS, landmark
from crm_plus.engine.prediction.leakage import Ages, find_leaks
from crm_plus.engine.prediction.metrics import auc, ece, ece_by_chance
from crm_plus.engine.prediction.train import train

FEATURES = (Feature("age", "numeric"), Feature("source", "category"), Feature("budget", "presence"))
JUDGED = 0.3
NEVER = np.inf


def _mostly_won(rng, won: NDArray) -> NDArray[np.bool_]:
    return rng.random(len(won)) < np.where(won, 0.9, 0.45)


def on_the_way(rng, won: NDArray, life: NDArray) -> NDArray:
    """The day after its creation on which each lead is filled: some day of its life, for 90 % of won, 45 % of lost."""
    return np.where(_mostly_won(rng, won), rng.random(len(won)) * life, NEVER)


def at_the_end(rng, won: NDArray, life: NDArray) -> NDArray:
    """On the last day, as often."""
    return np.where(_mostly_won(rng, won), life, NEVER)


def half_at_once(rng, won: NDArray, life: NDArray) -> NDArray:
    """Half at its creation, telling nothing; of the others, nine in ten won ones at the end."""
    first = rng.random(len(won)) < 0.5
    return np.where(first, 0.0, np.where(won & (rng.random(len(won)) < 0.9), life, NEVER))


def by_chance(rng, won: NDArray, life: NDArray) -> NDArray:
    """Some day, however it will end: those that are open for long are filled more often."""
    return rng.exponential(20, len(won))


def at_once(rng, won: NDArray, life: NDArray) -> NDArray:
    """At its creation, by those who mean it: honest, and of use."""
    return np.where(rng.random(len(won)) < np.where(won, 0.8, 0.4), 0.0, NEVER)


WORLDS: dict[str, Callable] = {
    "filled on the way": on_the_way,
    "filled at the end": at_the_end,
    "half filled at once": half_at_once,
    "filled by chance": by_chance,
    "filled at once": at_once,
}


@dataclass(frozen=True, slots=True)
class Found:
    """Of leads held out: the AUC read from what they say in the end and that of what they said then, the calibration
    error of the latter and what it would be by chance alone, and whether the field is used."""

    shown: float
    true: float
    ece: float
    ece_by_chance: float
    used: bool


def late_world(name: str, leads: int = 6_000, days: float = 700, seed: int = 0) -> Found:
    """Learn from what leads say in the end, as the host has it, without what is filled late; judge on both."""
    rng = np.random.default_rng(seed)
    source = rng.choice(["web", "call"], leads)
    won = rng.random(leads) < np.where(source == "web", 0.4, 0.2)
    life = rng.exponential(np.where(won, 40, 25))
    filled_on = WORLDS[name](rng, won, life)
    created = rng.uniform(0, days, leads)
    closed = created + life <= days
    rows = np.flatnonzero(closed)
    ages = np.array([LANDMARKS[0] if life[row] <= 0 else landmark(int(row), life[row])[0] for row in rows])
    weights = [landmark(int(row), life[row])[1] for row in rows]

    def columns(which, age, filled):
        return {"age": age.tolist(), "source": source[which].tolist(), "budget": filled.tolist()}

    end, then = filled_on[rows] <= life[rows], filled_on[rows] <= ages
    learned = created[rows] + life[rows] <= np.quantile((created + life)[rows], 1 - JUDGED)
    still = np.flatnonzero(~closed)
    still_ages = days - created[still]
    leaks = find_leaks(
        columns(rows[learned], ages[learned], end[learned]),
        won[rows[learned]],
        FEATURES,
        columns(still, still_ages, filled_on[still] <= still_ages),
        Ages(ages[learned], still_ages),
    )
    flagged = {leak.feature for leak in leaks}
    features = [feature for feature in FEATURES if feature.name not in flagged]
    model = train(
        columns(rows[learned], ages[learned], end[learned]), won[rows[learned]], features,
        weights=np.array(weights)[learned],
    )  # fmt: skip
    judged = ~learned
    weight = np.array(weights, dtype=float)[judged]
    told = [model.score(columns(rows[judged], ages[judged], side[judged])).probability for side in (end, then)]
    came = won[rows[judged]].astype(float)
    return Found(
        auc(came, told[0], weight),
        auc(came, told[1], weight),
        ece(came, told[1], weight),
        ece_by_chance(told[1], weight),
        "budget" not in flagged,
    )
