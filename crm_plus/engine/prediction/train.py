"""Training: columns of closed leads and their outcomes in, a `ScoreModel` or a `Shortfall` out. Needs numpy, scipy.

Given the same leads in the same order the result is the same to the last digit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .additive import AdditiveFit, Block, cross_fitted, fit_additive, standard_errors
from .binning import Bins, learn_bins
from .calibration import fit_calibration, sigmoid
from .features import Columns, Feature
from .model import UNIT, ScoreModel, Term, Training
from .pairs import COARSE, Pair, choose_pairs, coarse_map
from .shortfall import Shortfall, shortfall
from .weights import effective

LEAST_BINS = 8


@dataclass(frozen=True, slots=True)
class Options:
    """How to train; the defaults hold for 500 to 100,000 leads and any share of won ones.

    ``max_pairs`` 0 gives a model without combinations of fields. ``most_bins`` bounds those of all fields together
    (time grows with its cube, memory with its square), though each field keeps at least `LEAST_BINS`. Penalty strengths
    are learned on at most ``tune_rows`` leads (they are variances of effects, which more leads hardly change). With
    fewer leads than ``nested_below`` they and the pairs are chosen anew for each part that is left out.
    """

    min_won: int = 50
    min_lost: int = 50
    max_bins: int = 32
    max_levels: int = 200
    max_tags: int = 64
    min_level_count: int = 5
    most_bins: int = 2_500
    max_pairs: int = 20
    folds: int = 5
    tune_rows: int = 20_000
    nested_below: int = 640
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _Plan:
    """A term before it has points, and the bins the training leads have in it."""

    features: tuple[str, ...]
    block: Block
    level: str | None = None
    maps: tuple[tuple[int, ...], ...] = ()


def train(
    columns: Columns,
    won: Sequence[int],
    features: Sequence[Feature],
    options: Options | None = None,
    weights: Sequence[float] | None = None,
) -> ScoreModel | Shortfall:
    """Learn from closed leads: ``won`` is 1 or 0 for each. Abstains with a `Shortfall` when there are too few.

    ``weights`` says how many leads each stands for (see `landmarks`; None: one). Bins follow the leads as they are.

    Raises ValueError when there is no feature, and KeyError, naming it, when a feature has no column.
    """
    options = options or Options()
    outcome, weights = np.asarray(won, dtype=float), effective(weights, len(won))
    yes = int(outcome.sum())
    missing = shortfall(yes, len(outcome) - yes, min_won=options.min_won, min_lost=options.min_lost)
    if missing:
        return missing
    if not features:
        raise ValueError("Training needs at least one feature.")
    bins = _learn_bins(features, columns, options)
    singles, parts = _single_plans(bins, columns), _parts(outcome, options)
    plans, fit = _fit_plans(bins, singles, outcome, weights, options)
    blocks = [plan.block for plan in plans]
    errors = standard_errors(blocks, outcome, fit, weights)
    unseen, fit = cross_fitted(blocks, outcome, fit, parts, weights)
    if len(outcome) < options.nested_below:
        unseen = _nested_logits(bins, singles, outcome, weights, parts, options)
    terms, intercept = _rounded(plans, fit, errors)
    summary = _summary(_own_logits(plans, terms, intercept), outcome)
    return ScoreModel(bins, terms, intercept, fit_calibration(unseen, outcome, weights), summary)


def _learn_bins(features: Sequence[Feature], columns: Columns, options: Options) -> tuple[Bins, ...]:
    """Bins of all features; of very many features each gets fewer, so that time and memory stay bounded."""
    bins = tuple(_learn(feature, columns, options, 1) for feature in features)
    share = options.most_bins / sum(item.size for item in bins)
    return bins if share >= 1 else tuple(_learn(feature, columns, options, share) for feature in features)


def _learn(feature: Feature, columns: Columns, options: Options, share: float) -> Bins:
    most = options.max_tags if feature.kind == "tags" else options.max_levels
    return learn_bins(
        feature,
        columns[feature.name],
        max_bins=max(int(options.max_bins * share), LEAST_BINS),
        max_levels=max(int(most * share), LEAST_BINS),
        min_count=options.min_level_count,
    )


def _fit_plans(bins, plans, outcome, weights, options) -> tuple[list[_Plan], AdditiveFit]:
    """Single features first, then, when some pairs tell more, everything together."""
    fit = _fit(plans, outcome, weights, options)
    extra = _pair_plans(bins, plans, fit, outcome, weights, options) if options.max_pairs else []
    if extra:
        plans = plans + extra
        fit = _fit(plans, outcome, weights, options)
    return plans, fit


def _nested_logits(bins, singles, outcome, weights, parts, options) -> np.ndarray:
    """The logit of each lead from a learning in which it had no part at all: strengths and pairs are chosen without it,
    too. With few leads the choice itself fits to them (Cawley & Talbot 2010, On over-fitting in model selection and
    subsequent selection bias, JMLR 11), and probabilities would be taken for far surer than they are."""
    codes = {plan.features[0]: plan.block.codes for plan in singles if plan.level is None}
    logits = np.empty(len(outcome))
    for number in np.unique(parts):
        rest, left = np.flatnonzero(parts != number), np.flatnonzero(parts == number)
        others = [replace(plan, block=_rows([plan.block], rest)[0]) for plan in singles]
        plans, fit = _fit_plans(bins, others, outcome[rest], effective(weights[rest], len(rest)), options)
        pairs = [
            replace(plan.block, codes=_pair_codes(plan, *(codes[name][left] for name in plan.features)))
            for plan in plans[len(singles) :]
        ]
        logits[left] = fit.logits([*_rows([plan.block for plan in singles], left), *pairs])
    return logits


def _pair_codes(plan: _Plan, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return Pair(0, 0, *plan.maps).codes(first, second)


def _fit(plans: list[_Plan], outcome: np.ndarray, weights: np.ndarray, options: Options) -> AdditiveFit:
    blocks = [plan.block for plan in plans]
    if len(outcome) <= options.tune_rows:
        return fit_additive(blocks, outcome, weights=weights)
    sample = np.sort(np.random.default_rng(options.seed).permutation(len(outcome))[: options.tune_rows])
    rough = fit_additive(_rows(blocks, sample), outcome[sample], weights=weights[sample])
    return fit_additive(blocks, outcome, weights=weights, strengths=rough.strengths, start=rough)


def _rows(blocks: list[Block], rows: np.ndarray) -> list[Block]:
    return [replace(block, codes=block.codes[rows]) for block in blocks]


def _single_plans(bins: tuple[Bins, ...], columns: Columns) -> list[_Plan]:
    plans = []
    for group, item in enumerate(bins):
        name = item.feature.name
        codes = item.codes(columns[name])
        if item.feature.kind == "tags":
            for place, level in enumerate(item.levels):
                plans.append(_Plan((name,), Block(codes[:, place], 2, 0, group), level))
        else:
            plans.append(_Plan((name,), Block(codes, item.size, item.ordered, group)))
    return plans


def _pair_plans(bins, plans, fit, outcome, weights, options) -> list[_Plan]:
    single = [plan for plan in plans if plan.level is None]
    codes = [plan.block.codes for plan in single]
    maps = [coarse_map(np.bincount(p.block.codes, minlength=p.block.size), p.block.ordered) for p in single]
    chance = sigmoid(fit.logits([plan.block for plan in plans]))
    chosen = choose_pairs(codes, maps, outcome, chance, options.max_pairs, weights)
    extra = []
    for group, pair in enumerate(chosen, start=len(bins)):
        names = (single[pair.first].features[0], single[pair.second].features[0])
        sides = tuple((COARSE - 1) * bool(single[place].block.ordered) for place in (pair.first, pair.second))
        block = Block(pair.codes(codes[pair.first], codes[pair.second]), COARSE * COARSE, 0, group, sides)
        extra.append(_Plan(names, block, maps=(pair.first_map, pair.second_map)))
    return extra


def _parts(outcome: np.ndarray, options: Options) -> np.ndarray:
    """The part (0 to ``options.folds`` - 1) each lead is left out with; all have about the same share of won leads."""
    shuffled = np.random.default_rng(options.seed).permutation(len(outcome))
    order = shuffled[np.argsort(outcome[shuffled], kind="stable")]
    parts = np.empty(len(outcome), dtype=int)
    parts[order] = np.arange(len(outcome)) % options.folds
    return parts


def _rounded(plans: list[_Plan], fit: AdditiveFit, errors: list[np.ndarray]) -> tuple[tuple[Term, ...], int]:
    terms = []
    for plan, table, error in zip(plans, fit.tables, errors, strict=True):
        points = tuple(np.rint(table / UNIT).astype(int).tolist())
        counts = tuple(np.bincount(plan.block.codes, minlength=plan.block.size).tolist())
        sure = () if plan.maps else tuple(np.ceil(error / UNIT).astype(int).tolist())
        terms.append(Term(plan.features, points, counts, plan.level, plan.maps, sure))
    return tuple(terms), round(fit.intercept / UNIT)


def _own_logits(plans: list[_Plan], terms: tuple[Term, ...], intercept: int) -> np.ndarray:
    """The scores of the leads learned from as the model itself gives them: later ones are compared with these."""
    points = np.full(len(plans[0].block.codes), intercept)
    for plan, term in zip(plans, terms, strict=True):
        points += np.array(term.points)[plan.block.codes]
    return points * UNIT


def _summary(logits: np.ndarray, outcome: np.ndarray) -> Training:
    cuts = np.unique(np.quantile(logits, np.linspace(0, 1, 11)[1:-1]))
    counts = np.bincount(np.searchsorted(cuts, logits), minlength=len(cuts) + 1)
    yes = int(outcome.sum())
    return Training(yes, len(outcome) - yes, tuple(cuts.tolist()), tuple(counts.tolist()))
