"""Worlds of leads whose future is known: a field that tells something, quick losses, slow wins, leads that nobody ever
closes, wins that are put in as closed. Made up, with a given seed; needs numpy."""

from dataclasses import dataclass

import numpy as np

from crm_plus.engine.prediction.features import Feature
from crm_plus.engine.prediction.horizon import (
    FEW_LEADS,
    SHORTEST_LIFE,
    choose_horizon,
    seen,
    seen_at_others,
    usable_landmarks,
)
from crm_plus.engine.prediction.landmarks import seen_shares
from crm_plus.engine.prediction.metrics import evaluate
from crm_plus.engine.prediction.train import train

FEATURES = (Feature("age", "numeric"), Feature("field", "category"))


@dataclass
class LeadWorld:
    """Leads created evenly over ``days``; lives in days, infinite for those that are never closed."""

    days: float
    created: np.ndarray
    won: np.ndarray
    life: np.ndarray
    field: np.ndarray

    @classmethod
    def make(cls, leads, days, *, never=0.0, at_once=0.0, share=0.3, lost_after=8, won_after=60, seed=0):
        """``never``: which share of lost leads is left open; ``at_once``: which share of won ones was put in closed."""
        rng = np.random.default_rng(seed)
        field = rng.choice(["a", "b"], leads)
        won = (rng.random(leads) < np.where(field == "a", 1.5, 0.5) * share).astype(int)
        life = rng.exponential(np.where(won, won_after, lost_after))
        life[(won == 0) & (rng.random(leads) < never)] = np.inf
        life[(won == 1) & (rng.random(leads) < at_once)] = 0
        return cls(days, np.sort(rng.uniform(0, days, leads)), won, life, field)

    @property
    def closed(self):
        return self.created + self.life <= self.days

    def horizon(self):
        wins = self.life[(self.won == 1) & self.closed & (self.life >= SHORTEST_LIFE)]
        return choose_horizon(wins.tolist(), self.days - self.created[0])

    def learn(self, horizon):
        """A model of what is known at the end."""
        lives = np.minimum(self.life, self.days - self.created)
        usable = usable_landmarks(self.created.tolist(), self.days, horizon)
        outcomes = [int(won) if closed else None for won, closed in zip(self.won, self.closed, strict=True)]
        found = []
        for row, life in enumerate(lives.tolist()):
            lead = row, life, outcomes[row], horizon, usable
            first, others = seen(*lead), seen_at_others(*lead) if len(lives) <= FEW_LEADS else []
            found += [(row, one, 1 if others else one.stands_for) for one in (first, *others) if one]
        rows, sightings, stands_for = zip(*found, strict=True)
        shares = seen_shares([one.watched for one in sightings], self.created.tolist(), self.days)
        weights = [count / share for count, share in zip(stands_for, shares, strict=True)]
        columns = self.columns(list(rows), [one.age for one in sightings])
        return train(columns, [one.won for one in sightings], FEATURES, weights=weights, leads=rows)

    def columns(self, rows, ages):
        return {"age": np.asarray(ages, float).tolist(), "field": self.field[rows].tolist()}

    def open_stock(self, model, horizon):
        """(predicted, came): the chances of the leads open at the end, and whether they will be won in time."""
        rows = np.flatnonzero(~self.closed)
        ages = self.days - self.created[rows]
        predicted = model.score(self.columns(rows, ages)).probability
        return predicted, ((self.won[rows] == 1) & (self.life[rows] <= ages + horizon)).astype(int)

    def fresh(self, model, horizon):
        """(predicted, came): of new leads, apart from those that are put in as closed."""
        rows = np.flatnonzero(self.life >= SHORTEST_LIFE)
        predicted = model.score(self.columns(rows, np.zeros(len(rows)))).probability
        return predicted, ((self.won[rows] == 1) & (self.life[rows] <= horizon)).astype(int)


STOCK = 40_000  # leads of a world like the one learned from, whose open ones are judged: so many that chance is small


def gaps(leads, days, seeds, **options):
    """(told - came of the open stock, its calibration error, told - came of fresh leads, what the calibration error
    would be by chance alone), means over worlds. Judged are the leads of larger worlds of the same kind."""
    found = []
    for seed in seeds:
        world = LeadWorld.make(leads, days, seed=seed, **options)
        horizon = world.horizon()
        model, judged = world.learn(horizon), LeadWorld.make(STOCK, days, seed=1_000 + seed, **options)
        told, came = judged.open_stock(model, horizon)
        fresh_told, fresh_came = judged.fresh(model, horizon)
        judged = evaluate(came.tolist(), told)
        fresh_gap = fresh_told.mean() - fresh_came.mean()
        found.append((told.mean() - came.mean(), judged.ece, fresh_gap, judged.ece_by_chance))
    return tuple(float(value) for value in np.mean(found, axis=0))
