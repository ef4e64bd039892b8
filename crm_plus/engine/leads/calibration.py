"""Probabilities that mean what they say: a monotone map from logit to probability. Needs numpy.

Maps: ``platt`` (Platt 1999: a line in the logit, with his smoothed targets), ``beta`` (Kull, Silva Filho & Flach 2017:
logit p = a ln s - b ln(1 - s) + c of s = sigmoid(logit), a, b >= 0) and ``isotonic`` (pooled adjacent violators,
joined by straight lines). All are fitted to logits of leads that the scoring fold had not seen, each lead counting by
its weight.
"""

from dataclasses import dataclass
from math import exp, log1p

import numpy as np

from .weights import effective

# Of the rarer outcome; with fewer than 1,000 isotonic maps overfit (Niculescu-Mizil & Caruana 2005).
BETA_LEADS, ISOTONIC_LEADS = 200, 1_000
POOL_LEADS = 100


@dataclass(frozen=True, slots=True)
class Calibration:
    """A non-decreasing map from logit to probability, kept between ``floor`` and ``1 - floor``.

    ``platt``: numbers (slope, shift); ``beta``: (a, b, c); ``isotonic``: knots (logits) and heights (probabilities).

    >>> Calibration("platt", (1.0, 0.0), floor=0.01).apply(np.array([-50.0, 0.0])).tolist()
    [0.01, 0.5]
    """

    kind: str
    numbers: tuple[float, ...] = ()
    knots: tuple[float, ...] = ()
    heights: tuple[float, ...] = ()
    floor: float = 0.0

    def apply(self, logits: np.ndarray) -> np.ndarray:
        """The probability of each logit, shape (n,). A lead's probability never depends on its batch."""
        logits = np.asarray(logits, dtype=float)
        if self.kind == "isotonic":
            value = self._between_knots(logits)
        elif self.kind == "platt":
            value = _sigmoid(self.numbers[0] * logits + self.numbers[1])
        else:
            a, b, c = self.numbers
            value = _sigmoid(b * _softplus(logits) - a * _softplus(-logits) + c)
        return np.clip(value, self.floor, 1 - self.floor)

    def _between_knots(self, logits: np.ndarray) -> np.ndarray:
        knots, heights = np.array(self.knots), np.array(self.heights)
        place = np.searchsorted(knots, logits, side="right")
        low, high = np.maximum(place - 1, 0), np.minimum(place, len(knots) - 1)
        width = knots[high] - knots[low]
        share = np.divide(logits - knots[low], width, out=np.zeros(len(logits)), where=width > 0)
        return heights[low] + share * (heights[high] - heights[low])

    def to_json(self) -> dict:
        """A plain dictionary; `from_json` gives the same map back."""
        lists = {"numbers": self.numbers, "knots": self.knots, "heights": self.heights}
        return {"kind": self.kind, "floor": self.floor} | {key: list(value) for key, value in lists.items()}

    @classmethod
    def from_json(cls, data: dict) -> "Calibration":
        """The map that `to_json` described."""
        lists = (tuple(data[key]) for key in ("numbers", "knots", "heights"))
        return cls(data["kind"], *lists, floor=data["floor"])


def fit_calibration(logits: np.ndarray, won: np.ndarray, weights: np.ndarray | None = None) -> Calibration:
    """The map with the least log-loss when tried on interleaved fifths of the leads it was not fitted to.

    More leads of the rarer outcome allow freer maps: Platt always, beta from 200, isotonic from 1,000. No probability
    is closer to 0 or 1 than 1 / (n + 2), Laplace's estimate after n leads without an exception. ``weights``: how many
    leads each stands for (None: one).
    """
    won, weights = np.asarray(won, dtype=float), effective(weights, len(won))
    rarer = int(min(won.sum(), len(won) - won.sum()))
    kinds = ["platt"] + ["beta"] * (rarer >= BETA_LEADS) + ["isotonic"] * (rarer >= ISOTONIC_LEADS)
    best = min(kinds, key=lambda kind: _tried(kind, logits, won, weights)) if len(kinds) > 1 else kinds[0]
    return _fit(best, logits, won, weights, floor=1 / (len(won) + 2))


def _tried(kind: str, logits: np.ndarray, won: np.ndarray, weights: np.ndarray) -> float:
    """Mean log-loss of a kind of map on leads it was not fitted to."""
    losses = np.empty(len(won))
    fold = np.arange(len(won)) % 5
    for part in range(5):
        inside = fold == part
        learnt = _fit(kind, logits[~inside], won[~inside], weights[~inside], floor=1e-4)
        chance = learnt.apply(logits[inside])
        losses[inside] = -np.log(np.where(won[inside] > 0, chance, 1 - chance))
    return float(np.average(losses, weights=weights))


def _fit(kind: str, logits: np.ndarray, won: np.ndarray, weights: np.ndarray, floor: float) -> Calibration:
    if kind == "isotonic":
        return Calibration("isotonic", (), *_isotonic(logits, won, weights), floor=floor)
    numbers = _logistic(_inputs(kind, logits), _platt_targets(won, weights), weights)
    if min(numbers[:-1]) <= 0:  # would turn the order of leads around
        if kind == "beta":
            return _fit("platt", logits, won, weights, floor)
        wins = weights @ won
        numbers = (1e-6, float(np.log((wins + 1) / (weights.sum() - wins + 1))))
    return Calibration(kind, numbers, floor=floor)


def _one_by_one(function, values: np.ndarray) -> np.ndarray:
    """numpy's own vectorized exponentials may differ in the last digit with the position in the array."""
    return np.fromiter(map(function, values.tolist()), float, len(values))


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    small = _one_by_one(exp, -np.abs(logits))
    return np.where(logits >= 0, 1 / (1 + small), small / (1 + small))


def _softplus(logits: np.ndarray) -> np.ndarray:
    """ln(1 + e^logit), which is -ln(1 - s) for s = sigmoid(logit)."""
    return np.maximum(logits, 0.0) + _one_by_one(log1p, _one_by_one(exp, -np.abs(logits)))


def _inputs(kind: str, logits: np.ndarray) -> np.ndarray:
    ones = np.ones_like(logits)
    if kind == "platt":
        return np.column_stack([logits, ones])
    return np.column_stack([-np.logaddexp(0, -logits), np.logaddexp(0, logits), ones])


def _platt_targets(won: np.ndarray, weights: np.ndarray) -> np.ndarray:
    yes = weights @ won
    return np.where(won > 0, (yes + 1) / (yes + 2), 1 / (weights.sum() - yes + 2))


def _logistic(inputs: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> tuple[float, ...]:
    numbers = np.zeros(inputs.shape[1])
    ridge = 1e-6 * np.eye(inputs.shape[1])
    for _ in range(50):
        chance = sigmoid(inputs @ numbers)
        hessian = (inputs * (weights * np.maximum(chance * (1 - chance), 1e-9))[:, None]).T @ inputs + ridge
        step = np.linalg.solve(hessian, inputs.T @ (weights * (targets - chance)) - ridge @ numbers)
        numbers = numbers + step * min(1.0, 4 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < 1e-9:
            break
    return tuple(numbers.tolist())


def _isotonic(logits, won, weights) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Pool adjacent violators; each pool is one knot at its mean logit, its rate smoothed by half a lead each way."""
    distinct, place = np.unique(logits, return_inverse=True)
    leads = np.bincount(place, weights)
    wins = np.bincount(place, weights * won)
    pools: list[list[float]] = []  # won, leads, sum of logits
    for start in np.column_stack([wins, leads, distinct * leads]).tolist():
        pools.append(start)
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    pools = _merged(pools)
    knots = [total / leads for _, leads, total in pools]
    heights = np.maximum.accumulate([(wins + 0.5) / (leads + 1) for wins, leads, _ in pools])
    return tuple(knots), tuple(heights.tolist())


def _merged(pools: list[list[float]]) -> list[list[float]]:
    """Neighbouring pools joined until each has `POOL_LEADS`, so that no lead makes a probability alone."""
    merged = [pools[0]]
    for pool in pools[1:]:
        if merged[-1][1] >= POOL_LEADS and pool is not pools[-1]:
            merged.append(pool)
        else:
            merged[-1] = [a + b for a, b in zip(merged[-1], pool, strict=True)]
    return merged


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """The probability of each logit, without overflow.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    small = np.exp(-np.abs(logits))
    return np.where(logits >= 0, 1 / (1 + small), small / (1 + small))
