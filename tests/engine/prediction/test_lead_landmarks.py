"""Worlds in which no field tells anything, losses are quick and wins are slow: 30 % of the leads are won."""

from dataclasses import dataclass

import numpy as np
import pytest

from crm_plus.engine.prediction.features import Feature
from crm_plus.engine.prediction.landmarks import LANDMARKS, landmark, seen_shares
from crm_plus.engine.prediction.metrics import evaluate
from crm_plus.engine.prediction.train import train

FEATURES = (Feature("age", "numeric"), Feature("noise", "category"))


@dataclass
class World:
    """Leads created evenly over ``days``: when, whether won, how long they live, and a field that tells nothing."""

    created: np.ndarray
    won: np.ndarray
    life: np.ndarray
    noise: np.ndarray

    @classmethod
    def make(cls, leads, days, lost_after=8, won_after=60, seed=0):
        rng = np.random.default_rng(seed)
        won = rng.random(leads) < 0.3
        life = rng.exponential(np.where(won, won_after, lost_after))
        return cls(np.sort(rng.uniform(0, days, leads)), won.astype(int), life, rng.choice(["a", "b"], leads))

    def columns(self, rows, ages):
        return {"age": np.asarray(ages, float).tolist(), "noise": self.noise[rows].tolist()}

    def seen(self, rows, until, since=None):
        """Columns as of the landmarks, outcomes and weights of some closed leads."""
        ages, reached = np.array([landmark(int(row), life) for row, life in zip(rows, self.life[rows], strict=True)]).T
        shares = seen_shares(self.life[rows].tolist(), self.created.tolist(), until, since)
        return self.columns(rows, ages), self.won[rows], reached / np.array(shares)

    def learn(self, until):
        rows = np.flatnonzero(self.created + self.life <= until)
        columns, won, weights = self.seen(rows, until)
        return train(columns, won, FEATURES, weights=weights)

    def won_share(self, age):
        return self.won[self.life > age].mean()


def chances(model, world, ages):
    return model.score(world.columns(np.arange(len(ages)), ages)).probability


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_fresh_lead_has_the_share_of_all_leads_and_an_older_one_that_of_those_still_open(seed):
    model = World.make(6000, 1500, seed=seed).learn(until=1500)
    many = World.make(200_000, 1500, seed=99)
    ages = [0, 2 / 24, 3, 14, 60]
    assert chances(model, many, ages) == pytest.approx([many.won_share(age) for age in ages], abs=0.05)


@pytest.mark.parametrize(("days", "won_after"), [(1500, 60), (330, 120)], ids=["long records", "young records"])
def test_the_open_stock_gets_what_becomes_of_it(days, won_after):
    gaps = []
    for seed in range(5):
        world = World.make(3 * days, days, won_after=won_after, seed=seed)
        opened = np.flatnonzero(world.created + world.life > days)
        found = world.learn(until=days).score(world.columns(opened, days - world.created[opened])).probability
        gaps.append(found.mean() - world.won[opened].mean())
    assert np.mean(gaps) == pytest.approx(0, abs=0.06)


def test_the_track_record_is_what_it_will_be_on_the_leads_of_tomorrow():
    world = World.make(6000, 2000, seed=4)
    model = world.learn(until=1400)
    closed = world.created + world.life
    columns, won, weights = world.seen(np.flatnonzero((closed > 1400) & (closed <= 2000)), 2000, 1400)
    record = evaluate(won, model.score(columns).probability, weights)
    many = World.make(40_000, 2000, seed=5)
    rows = [(row, age) for row, life in enumerate(many.life) for age in LANDMARKS if age < life]
    where, ages = map(np.array, zip(*rows, strict=True))
    true = evaluate(many.won[where], model.score(many.columns(where, ages)).probability)
    assert record.auc == pytest.approx(true.auc, abs=0.03)
    assert record.log_loss == pytest.approx(true.log_loss, abs=0.03)
    assert record.ece < 0.06


def test_every_landmark_is_drawn_as_often():
    ages = [landmark(number, 20)[0] for number in range(5000)]
    assert [ages.count(age) for age in (0, 1, 3, 7, 14)] == pytest.approx([1000] * 5, rel=0.01)
    assert max(ages) == 14


def test_a_lead_closed_at_once_is_seen_as_created():
    assert landmark(123, 0.0) == landmark(123, -3.0) == (0, 1)


def test_a_long_window_of_closings_misses_nobody():
    created = np.arange(1000.0)
    assert seen_shares([0, 8, 300], created, until=900, since=600) == pytest.approx([1, 1, 1])
