r"""Fitting an additive logistic model: intercept plus one table of effects a term. Needs numpy and scipy.

logit P(won) = b0 + sum over terms t of table_t[bin of the lead in t]

The tables minimize the penalized deviance, each lead counting by its weight, by Newton steps. Each has a quadratic
penalty ``strength_t * b' S_t b``: squared differences of neighbouring bins where bins have an order (a first-order
random walk), plain squares elsewhere, so that effects of rare levels shrink towards none. The strengths are not tuned
by hand: they are learned from the data by the generalized Fellner-Schall update of the restricted likelihood (Wood &
Fasiolo 2017, Biometrics 73(4), equation 2), so that useless and duplicated fields fade out and smooth effects are drawn
smoothly:

strength_t <- strength_t * (rank(S_t) / strength_t - trace(V S_t)) / (b' S_t b),   V the inverse penalized Hessian.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy import sparse

from .calibration import sigmoid
from .weights import effective

WEAKEST, STRONGEST = 0.1, 1e5
ORDER_RIDGE = 1e-3  # ties the level of an ordered table, which differences leave free
LONGEST_STEP = 4.0
SETTLED = 1e-4  # logits: a fit is done when no effect moves further
LEARNT = 0.02  # while strengths are learned: those of useless fields creep on for ever without changing anything


@dataclass(frozen=True, slots=True)
class Block:
    """One term as the solver sees it: the bin of each lead, how many bins, how many of them are ordered.

    Blocks with the same ``group`` share one penalty strength (the levels of one tags field).
    """

    codes: np.ndarray
    size: int
    ordered: int
    group: int


@dataclass(frozen=True, slots=True)
class AdditiveFit:
    """The intercept (logit), one table of effects a block (logit), one penalty strength a group."""

    intercept: float
    tables: tuple[np.ndarray, ...]
    strengths: np.ndarray

    def logits(self, blocks: Sequence[Block]) -> np.ndarray:
        """The logit of each lead, shape (n,)."""
        total = np.full(len(blocks[0].codes), self.intercept)
        for table, block in zip(self.tables, blocks, strict=True):
            total += table[block.codes]
        return total


def fit_additive(
    blocks: Sequence[Block], won: np.ndarray, *, weights=None, strengths=None, start=None, steps=30
) -> AdditiveFit:
    """Fit the tables to outcomes (0/1, shape (n,)), each with its weight (`weights.effective`; None: one each).

    Without ``strengths`` they are learned together with the tables; with them only the tables are fitted (faster:
    a strength is one over the variance of the effects, so it does not depend on the number of leads).
    ``start`` is an earlier fit of the same blocks to begin from.
    """
    problem = _Problem(blocks, np.asarray(won, dtype=float), effective(weights, len(won)))
    learn = strengths is None
    powers = np.ones(problem.groups) if learn else np.asarray(strengths, dtype=float)
    effects = problem.begin(start)
    for _ in range(steps):
        step, covariance = problem.newton(effects, powers, with_covariance=learn)
        effects = effects + step
        if learn:
            powers = problem.fellner_schall(effects, powers, covariance)
        if np.abs(step).max() < (LEARNT if learn else SETTLED):
            break
    return _centred(problem, effects, powers)


class _Problem:
    """The sparse design (one column a bin, the intercept first) and its penalties."""

    def __init__(self, blocks: Sequence[Block], won: np.ndarray, weights: np.ndarray):
        self.blocks, self.won, self.weights = blocks, won, weights
        self.groups = max(block.group for block in blocks) + 1
        ends = np.cumsum([1] + [block.size for block in blocks])
        self.spans = [slice(int(low), int(high)) for low, high in pairwise(ends)]
        self.width = int(ends[-1])
        places = zip(blocks, self.spans, strict=True)
        columns = np.column_stack([block.codes.astype(np.int32) + span.start for block, span in places])
        columns = np.column_stack([np.zeros(len(won), dtype=np.int64), columns]).astype(np.int32)
        rows = np.arange(0, columns.size + 1, columns.shape[1])
        self.design = sparse.csr_matrix((np.ones(columns.size), columns.ravel(), rows), (len(won), self.width))
        self.penalties = [_penalty(block.size, block.ordered) for block in blocks]

    def begin(self, start: AdditiveFit | None) -> np.ndarray:
        if start is not None:
            return np.concatenate([[start.intercept], *start.tables])
        effects = np.zeros(self.width)
        rate = (self.weights @ self.won + 0.5) / (self.weights.sum() + 1)
        effects[0] = np.log(rate / (1 - rate))
        return effects

    def newton(self, effects, powers, *, with_covariance):
        """One Newton step, no longer than `LONGEST_STEP` in any effect, and the inverse Hessian when asked for."""
        chance = sigmoid(self.design @ effects)
        spread = self.weights * np.maximum(chance * (1 - chance), 1e-9)
        hessian = (self.design.T @ self.design.multiply(spread[:, None]).tocsr()).toarray()
        gradient = self.design.T @ (self.weights * (self.won - chance))
        for block, span, penalty in zip(self.blocks, self.spans, self.penalties, strict=True):
            hessian[span, span] += powers[block.group] * penalty
            gradient[span] -= powers[block.group] * (penalty @ effects[span])
        hessian[np.diag_indices_from(hessian)] += 1e-8
        if with_covariance:
            covariance = np.linalg.inv(hessian)
            step = covariance @ gradient
        else:
            covariance, step = None, np.linalg.solve(hessian, gradient)
        return step * min(1.0, LONGEST_STEP / max(np.abs(step).max(), 1e-12)), covariance

    def fellner_schall(self, effects, powers, covariance) -> np.ndarray:
        """The next penalty strengths, one a group."""
        rank, trace, square = np.zeros((3, self.groups))
        for block, span, penalty in zip(self.blocks, self.spans, self.penalties, strict=True):
            rank[block.group] += block.size
            trace[block.group] += np.sum(covariance[span, span] * penalty)
            square[block.group] += effects[span] @ penalty @ effects[span]
        gain = np.maximum(rank / powers - trace, 1e-9) / np.maximum(square, 1e-9)
        return np.clip(powers * gain, WEAKEST, STRONGEST)


def _penalty(size: int, ordered: int) -> np.ndarray:
    penalty = np.eye(size)
    if ordered:
        differences = np.diff(np.eye(ordered), axis=0)
        penalty[:ordered, :ordered] = differences.T @ differences + ORDER_RIDGE * np.eye(ordered)
    return penalty


def _centred(problem: _Problem, effects: np.ndarray, powers: np.ndarray) -> AdditiveFit:
    """Shift each table to mean zero over the leads; bins without a lead get the average effect, zero."""
    fit = AdditiveFit(float(effects[0]), tuple(effects[span] for span in problem.spans), powers)
    tables = []
    for table, block in zip(fit.tables, problem.blocks, strict=True):
        counts = np.bincount(block.codes, minlength=block.size)
        mean = float(table @ counts / counts.sum())
        fit = replace(fit, intercept=fit.intercept + mean)
        tables.append(np.where(counts > 0, table - mean, 0.0))
    return replace(fit, tables=tuple(tables))
