r"""Fitting an additive logistic model: intercept plus one table of effects a term. Needs numpy and scipy.

logit P(won) = b0 + sum over terms t of table_t[bin of the lead in t]

The tables minimize the penalized deviance, each lead counting by its weight, by Newton steps. Each has a quadratic
penalty ``strength_t * b' S_t b``: squared differences of neighboring bins where bins have an order (a first-order
random walk, along both sides of a pair), plain squares elsewhere, so that effects of rare levels shrink toward none.
The strengths are not tuned manually: they are learned from the data by the generalized Fellner-Schall update of the
restricted likelihood (Wood & Fasiolo 2017, Biometrics 73(4), equation 2), so that useless and duplicated fields fade
out and smooth effects are drawn smoothly:

strength_t <- strength_t * (rank(S_t) / strength_t - trace(V S_t)) / (b' S_t b),   V the inverse penalized Hessian.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isqrt

import numpy as np
from scipy import linalg

from .calibration import sigmoid
from .weights import plain

WEAKEST, STRONGEST = 0.1, 1e5
ORDER_RIDGE = 1e-3  # ties the level of an ordered table, which differences leave free
GRID_RIDGE = 0.05  # the same for a pair, whose level both fields tell alone already
LONGEST_STEP = 4.0
SETTLED = 1e-4  # logits: a fit is done when no effect moves further
QUICKLY = 0.5  # a Hessian is renewed when a step is longer than this share of the one before
LEARNT = 0.02  # while strengths are learned: those of useless fields creep on for ever without changing anything


@dataclass(frozen=True, slots=True)
class Block:
    """One term as the solver sees it: the bin of each lead, how many bins, how many of them are ordered.

    Blocks with the same ``group`` share one penalty strength (the levels of one tags field). The bins of a pair are a
    square grid, row by row, and ``sides`` tells how many rows and how many columns are ordered.
    """

    codes: np.ndarray
    size: int
    ordered: int
    group: int
    sides: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class AdditiveFit:
    """The intercept (logit), one table of effects a block (logit), one penalty strength a group."""

    intercept: float
    tables: tuple[np.ndarray, ...]
    strengths: np.ndarray

    def logits(self, blocks: Sequence[Block]) -> np.ndarray:
        """The logit of each lead, shape (n,)."""
        return _logits(self.intercept, self.tables, blocks)


def _logits(intercept: float, tables: Iterable[np.ndarray], blocks: Sequence[Block]) -> np.ndarray:
    total = np.full(len(blocks[0].codes), intercept)
    for table, block in zip(tables, blocks, strict=True):
        total += table[block.codes]
    return total


def fit_additive(blocks: Sequence[Block], won: np.ndarray, *, weights=None, strengths=None, start=None) -> AdditiveFit:
    """Fit the tables to outcomes (0/1, shape (n,)), each with its weight as evidence (`weights.effective`; None: one).

    Without ``strengths`` they are learned together with the tables; with them only the tables are fitted (faster:
    a strength is one over the variance of the effects, so it does not depend on the number of leads).
    ``start`` is an earlier fit of the same blocks to begin from.
    """
    problem = _Problem(blocks, won, weights)
    effects = problem.begin(start)
    if strengths is None:
        effects, strengths = _learn(problem, effects)
    else:
        strengths = np.asarray(strengths, dtype=float)
        effects = _settle(problem, effects, strengths)
    return problem.centered(effects, strengths)


def cross_fitted(
    blocks: Sequence[Block], won: np.ndarray, fit: AdditiveFit, parts: np.ndarray, weights=None
) -> tuple[np.ndarray, AdditiveFit]:
    """The logit of each lead, shape (n,), from a fit with the same strengths that did not see its part; and the mean of
    these fits: as additive as each of them, and steadier than one fit of all leads (bagging, Breiman 1996).

    ``fit`` is that of all leads, ``parts`` (n,) numbers the part each is in. Every fit begins from ``fit``.
    """
    problem = _Problem(blocks, won, weights)
    weights, begin = problem.weights, problem.begin(fit)
    factor = problem.factor(begin, fit.strengths)
    logits, fits = np.empty(len(won)), []
    for number in np.unique(parts):
        inside = parts == number
        problem.counted = ~inside
        problem.weights = weights * problem.counted
        other = problem.centered(_settle(problem, begin, fit.strengths, factor), fit.strengths)
        logits[inside] = other.logits(blocks)[inside]
        fits.append(other)
    return logits, _mean(fits)


def standard_errors(blocks: Sequence[Block], won: np.ndarray, fit: AdditiveFit, weights=None) -> list[np.ndarray]:
    """How sure the effects of each table are, in logits: posterior standard deviations of the centered effects, the
    penalties taken for the prior (Wood 2006, "On Confidence Intervals for Generalized Additive Models Based on
    Penalized Regression Splines", Australian & New Zealand Journal of Statistics 48(4))."""
    problem = _Problem(blocks, won, weights)
    factor = problem.factor(problem.begin(fit), fit.strengths)
    inverse, _info = linalg.lapack.dtrtri(factor, lower=1, overwrite_c=1)
    errors = []
    for block, span in zip(problem.blocks, problem.spans, strict=True):
        part = inverse[span.start :, span]
        share = np.bincount(block.codes, minlength=block.size) / len(block.codes)
        centered = part - (part @ share)[:, None]
        errors.append(np.sqrt(np.square(centered).sum(axis=0)))
    return errors


def _mean(fits: Sequence[AdditiveFit]) -> AdditiveFit:
    tables = tuple(np.mean(same, axis=0) for same in zip(*(fit.tables for fit in fits), strict=True))
    return AdditiveFit(float(np.mean([fit.intercept for fit in fits])), tables, fits[0].strengths)


def _learn(problem: "_Problem", effects: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tables and strengths together: a Newton step of the tables, then one of the strengths."""
    strengths = np.ones(problem.groups)
    for _ in range(30):
        factor = problem.factor(effects, strengths)
        step = _short(linalg.cho_solve((factor, True), problem.gradient(effects, strengths), check_finite=False))
        effects = effects + step
        strengths = problem.fellner_schall(effects, strengths, factor)
        del factor  # before the next one is made: it is as large as everything else together
        if np.abs(step).max() < LEARNT:
            break
    return effects, strengths


def _settle(problem: "_Problem", effects: np.ndarray, strengths: np.ndarray, factor=None) -> np.ndarray:
    """The tables for given strengths. A Hessian serves as long as the steps it leads to shrink quickly."""
    before = np.inf
    for _ in range(60):
        if factor is None:
            factor = problem.factor(effects, strengths)
        step = _short(linalg.cho_solve((factor, True), problem.gradient(effects, strengths), check_finite=False))
        effects, size = effects + step, np.abs(step).max()
        if size < SETTLED:
            break
        if size > QUICKLY * before:
            factor = None
        before = size
    return effects


def _short(step: np.ndarray) -> np.ndarray:
    return step * min(1.0, LONGEST_STEP / max(np.abs(step).max(), 1e-12))


class _Problem:
    """Sums over the leads in each bin (the intercept is the first effect, then one a bin) and the penalties.

    ``counted`` (n,) tells the leads that are fitted to; the others weigh nothing.
    """

    def __init__(self, blocks: Sequence[Block], won: np.ndarray, weights: np.ndarray | None):
        self.blocks, self.won = blocks, np.asarray(won, dtype=float)
        self.weights, self.counted = plain(weights, len(won)), np.ones(len(won), dtype=bool)
        self.groups = max(block.group for block in blocks) + 1
        ends = np.cumsum([1] + [block.size for block in blocks])
        self.spans = [slice(int(low), int(high)) for low, high in pairwise(ends)]
        self.width = int(ends[-1])
        self.penalties = [_penalty(block) for block in blocks]

    def begin(self, start: AdditiveFit | None) -> np.ndarray:
        if start is not None:
            return np.concatenate([[start.intercept], *start.tables])
        effects = np.zeros(self.width)
        rate = (self.weights @ self.won + 0.5) / (self.weights.sum() + 1)
        effects[0] = np.log(rate / (1 - rate))
        return effects

    def chances(self, effects: np.ndarray) -> np.ndarray:
        return sigmoid(_logits(effects[0], (effects[span] for span in self.spans), self.blocks))

    def gradient(self, effects: np.ndarray, strengths: np.ndarray) -> np.ndarray:
        """Of the penalized log-likelihood."""
        residual = self.weights * (self.won - self.chances(effects))
        gradient = np.empty(self.width)
        gradient[0] = residual.sum()
        for block, span, penalty in zip(self.blocks, self.spans, self.penalties, strict=True):
            pull = strengths[block.group] * (penalty @ effects[span])
            gradient[span] = np.bincount(block.codes, residual, block.size) - pull
        return gradient

    def factor(self, effects: np.ndarray, strengths: np.ndarray) -> np.ndarray:
        """The lower Cholesky factor of the penalized Hessian."""
        chance = self.chances(effects)
        hessian = self._cross_tables(self.weights * np.maximum(chance * (1 - chance), 1e-9))
        for block, span, penalty in zip(self.blocks, self.spans, self.penalties, strict=True):
            hessian[span, span] += strengths[block.group] * penalty
        hessian[np.diag_indices_from(hessian)] += 1e-8
        return linalg.cholesky(hessian, lower=True, overwrite_a=True, check_finite=False)

    def _cross_tables(self, spread: np.ndarray) -> np.ndarray:
        """Sums of ``spread`` over the leads in each pair of bins: the lower triangle of a matrix (width, width)."""
        sums = np.zeros((self.width, self.width), order="F")
        sums[0, 0] = spread.sum()
        cells = np.empty(len(spread), dtype=np.intp)
        for place, (block, span) in enumerate(zip(self.blocks, self.spans, strict=True)):
            codes = block.codes.astype(np.intp)
            sums[span, 0] = np.bincount(codes, spread, block.size)
            sums[span, span] = np.diag(sums[span, 0])
            for other, columns in zip(self.blocks[:place], self.spans[:place], strict=True):
                np.multiply(codes, other.size, out=cells)
                np.add(cells, other.codes, out=cells)
                size = block.size * other.size
                sums[span, columns] = np.bincount(cells, spread, size).reshape(block.size, other.size)
        return sums

    def fellner_schall(self, effects: np.ndarray, strengths: np.ndarray, factor: np.ndarray) -> np.ndarray:
        """The next penalty strengths, one a group."""
        inverse, _info = linalg.lapack.dtrtri(factor, lower=1, overwrite_c=1)
        rank, trace, square = np.zeros((3, self.groups))
        for block, span, penalty in zip(self.blocks, self.spans, self.penalties, strict=True):
            part = inverse[span.start :, span]  # above it there are zeros
            rank[block.group] += block.size
            trace[block.group] += np.sum((part.T @ part) * penalty)
            square[block.group] += effects[span] @ penalty @ effects[span]
        gain = np.maximum(rank / strengths - trace, 1e-9) / np.maximum(square, 1e-9)
        return np.clip(strengths * gain, WEAKEST, STRONGEST)

    def centered(self, effects: np.ndarray, strengths: np.ndarray) -> AdditiveFit:
        """Each table shifted to mean zero over the leads; bins without a lead get the average effect, zero."""
        intercept, tables = float(effects[0]), []
        for block, span in zip(self.blocks, self.spans, strict=True):
            leads, table = np.bincount(block.codes, self.counted, block.size), effects[span]
            mean = float(table @ leads / leads.sum())
            intercept += mean
            tables.append(np.where(leads > 0, table - mean, 0.0))
        return AdditiveFit(intercept, tuple(tables), strengths)


def _penalty(block: Block) -> np.ndarray:
    penalty = np.eye(block.size)
    if block.ordered:
        steps = slice(block.ordered)
        penalty[steps, steps] = _roughness(block.ordered) + ORDER_RIDGE * np.eye(block.ordered)
    if any(block.sides):
        grid = np.eye(isqrt(block.size))
        rows, columns = (np.pad(_roughness(side), (0, len(grid) - side)) for side in block.sides)
        penalty = GRID_RIDGE * penalty + np.kron(rows, grid) + np.kron(grid, columns)
    return penalty


def _roughness(size: int) -> np.ndarray:
    """The matrix of the sum of squared differences of neighbors."""
    differences = np.diff(np.eye(size), axis=0)
    return differences.T @ differences
