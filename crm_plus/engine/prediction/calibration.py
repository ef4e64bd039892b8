"""Probabilities that mean what they say: a rising map from the logit of a score to that of a probability. Needs numpy.

The map is a broken line: a straight one (Platt 1999), bent at quantiles of the scores. How far it may bend is learned
from the same leads by the Fellner-Schall update (see `additive`): few leads leave it straight, many show its shape. It
is fitted to scores of leads that the scoring fold had not seen, each lead counting by its weight.
"""

from dataclasses import dataclass
from math import exp

import numpy as np

from .weights import plain

BENDS = 20
WEAKEST, STRONGEST = 0.05, 1e6
FLATTEST = 0.02  # logits a logit: a higher score is always a higher probability
STEPS, LONGEST_STEP, SETTLED = 60, 4.0, 1e-3


@dataclass(frozen=True, slots=True)
class Calibration:
    """A rising broken line through ``heights`` (logits) at ``knots`` (logits), straight beyond the ends.

    Probabilities are kept between ``floor`` and ``1 - floor``.

    >>> Calibration((-1.0, 1.0), (-0.5, 0.5), floor=0.01).apply(np.array([-50.0, 0.0])).tolist()
    [0.01, 0.5]
    """

    knots: tuple[float, ...]
    heights: tuple[float, ...]
    floor: float = 0.0

    def apply(self, logits: np.ndarray) -> np.ndarray:
        """The probability of each logit, shape (n,). A lead's probability never depends on its batch."""
        logits, knots, heights = (np.asarray(values, dtype=float) for values in (logits, self.knots, self.heights))
        place = np.clip(np.searchsorted(knots, logits, side="right"), 1, len(knots) - 1)
        slope = np.diff(heights) / np.diff(knots)
        line = heights[place - 1] + (logits - knots[place - 1]) * slope[place - 1]
        return np.clip(_one_by_one(line), self.floor, 1 - self.floor)

    def to_json(self) -> dict:
        """A plain dictionary; `from_json` gives the same map back."""
        return {"knots": list(self.knots), "heights": list(self.heights), "floor": self.floor}

    @classmethod
    def from_json(cls, data: dict) -> "Calibration":
        """The map that `to_json` described."""
        return cls(tuple(data["knots"]), tuple(data["heights"]), data["floor"])


def fit_calibration(
    logits: np.ndarray, won: np.ndarray, weights: np.ndarray | None = None, leads: int | None = None
) -> Calibration:
    """The map of scores (logits, shape (n,)) to what happened (0/1, shape (n,)).

    No probability is closer to 0 or 1 than 1 / (leads + 2), Laplace's estimate after so many leads without an exception
    (None: n). ``weights``: what each is worth as evidence (None: one).
    """
    won, weights = np.asarray(won, dtype=float), plain(weights, len(won))
    knots = np.unique(np.quantile(logits, np.linspace(0, 1, BENDS + 2)))
    if len(knots) < 2:  # all leads look alike
        knots = knots[0] + np.array([-1.0, 1.0])
    heights = _basis(knots, knots) @ _fit(_basis(logits, knots), _smoothed(won, weights), weights)
    rising = np.concatenate([[0.0], np.cumsum(np.maximum(np.diff(heights), FLATTEST * np.diff(knots)))])
    rising += (heights - rising).mean()
    return Calibration(tuple(knots.tolist()), tuple(rising.tolist()), floor=1 / ((leads or len(won)) + 2))


def _basis(logits: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Columns of the broken line: one, the logit, and how far it is beyond each inner knot."""
    beyond = np.maximum(logits[:, None] - knots[1:-1], 0.0)
    return np.column_stack([np.ones_like(logits), logits, beyond])


def _smoothed(won: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Platt's targets, which keep the line finite where won and lost leads are separated entirely."""
    yes = weights @ won
    return np.where(won > 0, (yes + 1) / (yes + 2), 1 / (weights.sum() - yes + 2))


def _fit(basis: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The line of the least penalized deviance by Newton steps; the penalty of its bends is learned with them."""
    line, bends = np.zeros(basis.shape[1]), basis.shape[1] - 2
    line[1] = 1.0
    strength, ridge = 10.0, np.full(len(line), 1e-6)
    for _ in range(STEPS):
        ridge[2:] = strength
        chance = sigmoid(basis @ line)
        spread = weights * np.maximum(chance * (1 - chance), 1e-9)
        covariance = np.linalg.inv((basis * spread[:, None]).T @ basis + np.diag(ridge))
        step = covariance @ (basis.T @ (weights * (targets - chance)) - ridge * line)
        line = line + step * min(1.0, LONGEST_STEP / max(np.abs(step).max(), 1e-12))
        gain = max(bends - strength * np.trace(covariance[2:, 2:]), 1e-9) / max(line[2:] @ line[2:], 1e-9)
        strength = float(np.clip(gain, WEAKEST, STRONGEST))
        if np.abs(step).max() < SETTLED:
            break
    return line


def _one_by_one(logits: np.ndarray) -> np.ndarray:
    """`sigmoid`, of each alone: numpy's vectorized exponentials may differ in the last digit with the position."""
    small = np.fromiter(map(exp, (-np.abs(logits)).tolist()), float, len(logits))
    return np.where(logits >= 0, 1 / (1 + small), small / (1 + small))


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """The probability of each logit, without overflow.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    small = np.exp(-np.abs(logits))
    return np.where(logits >= 0, 1 / (1 + small), small / (1 + small))
