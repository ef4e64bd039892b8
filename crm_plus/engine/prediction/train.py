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
from .sightings import Sightings

LEAST_BINS = 8
AGE = "age"


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
    leads: Sequence[int] | None = None,
) -> ScoreModel | Shortfall:
    """Learn from closed leads: ``won`` is 1 or 0 for each. Abstains with a `Shortfall` when there are too few.

    ``weights`` says how many leads each stands for (see `landmarks`; None: one). Bins follow the leads as they are.
    ``leads`` numbers the lead of each row, where some are seen at several landmarks (None: a row is a lead). Together
    the rows of a lead are worth no more than one, and none is judged by what was learned from another.

    Raises ValueError when there is no feature, and KeyError, naming it, when a feature has no column.
    """
    options = options or Options()
    seen = Sightings.of(won, weights, leads)
    yes = int(seen.came.sum())
    missing = shortfall(yes, len(seen.came) - yes, min_won=options.min_won, min_lost=options.min_lost)
    if missing:
        return missing
    if not features:
        raise ValueError("Training needs at least one feature.")
    bins = _learn_bins(features, columns, options)
    singles = _single_plans(bins, columns)
    plans, fit = _fit_plans(bins, singles, seen, options)
    blocks = [plan.block for plan in plans]
    errors = standard_errors(blocks, seen.won, fit, seen.weights)
    parts = _parts(seen, options)
    unseen, fit = cross_fitted(blocks, seen.won, fit, parts, seen.weights)
    if len(seen.came) < options.nested_below:
        unseen = _nested_logits(bins, singles, seen, parts, options)
    terms, intercept = _rounded(plans, fit, errors, seen.shares)
    summary = _summary(_own_logits(plans, terms, intercept), seen)
    return ScoreModel(bins, terms, intercept, fit_calibration(unseen, seen.won, seen.weights, len(seen.came)), summary)


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


def _fit_plans(bins, plans, seen: Sightings, options) -> tuple[list[_Plan], AdditiveFit]:
    """Single features first, then, when some pairs tell more, everything together."""
    fit = _fit(plans, seen, options)
    extra = _pair_plans(bins, plans, fit, seen, options) if options.max_pairs else []
    if extra:
        plans = plans + extra
        fit = _fit(plans, seen, options)
    return plans, fit


def _nested_logits(bins, singles, seen: Sightings, parts: np.ndarray, options) -> np.ndarray:
    """The logit of each lead from a learning in which it had no part at all: strengths and pairs are chosen without it,
    too. With few leads the choice itself fits to them (Cawley & Talbot 2010, On over-fitting in model selection and
    subsequent selection bias, JMLR 11), and probabilities would be taken for far surer than they are."""
    codes = {plan.features[0]: plan.block.codes for plan in singles if plan.level is None}
    logits = np.empty(len(seen.won))
    for number in np.unique(parts):
        rest, left = np.flatnonzero(parts != number), np.flatnonzero(parts == number)
        others = [replace(plan, block=_rows([plan.block], rest)[0]) for plan in singles]
        plans, fit = _fit_plans(bins, others, seen.some(rest), options)
        pairs = [
            replace(plan.block, codes=_pair_codes(plan, *(codes[name][left] for name in plan.features)))
            for plan in plans[len(singles) :]
        ]
        logits[left] = fit.logits([*_rows([plan.block for plan in singles], left), *pairs])
    return logits


def _pair_codes(plan: _Plan, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return Pair(0, 0, *plan.maps).codes(first, second)


def _fit(plans: list[_Plan], seen: Sightings, options: Options) -> AdditiveFit:
    blocks = [plan.block for plan in plans]
    if len(seen.won) <= options.tune_rows:
        fit = fit_additive(blocks, seen.won, weights=seen.weights)
        return _with_age(plans, fit, seen)
    sample = np.sort(np.random.default_rng(options.seed).permutation(len(seen.won))[: options.tune_rows])
    rough = fit_additive(_rows(blocks, sample), seen.won[sample], weights=seen.weights[sample])
    return fit_additive(blocks, seen.won, weights=seen.weights, strengths=rough.strengths, start=rough)


def _with_age(plans: list[_Plan], fit: AdditiveFit, seen: Sightings) -> AdditiveFit:
    """The fit with what age tells drawn toward nothing no more than it must be. Of leads seen several times most fields
    say the same each time, so that all sightings together are worth one; but in each bin of the age a lead is but once:
    how strongly the age is to be penalized is learned from it alone, each sighting counting by itself."""
    place = next((place for place, plan in enumerate(plans) if plan.features == (AGE,)), None)
    if place is None or not seen.repeated:
        return fit
    block = plans[place].block
    alone = fit_additive([replace(block, group=0)], seen.won, weights=seen.alone)
    strengths = fit.strengths.copy()
    strengths[block.group] = alone.strengths[0] * seen.weights.sum() / seen.alone.sum()
    blocks = [plan.block for plan in plans]
    return fit_additive(blocks, seen.won, weights=seen.weights, strengths=strengths, start=fit)


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


def _pair_plans(bins, plans, fit, seen, options) -> list[_Plan]:
    single = [plan for plan in plans if plan.level is None]
    codes = [plan.block.codes for plan in single]
    maps = [coarse_map(np.bincount(p.block.codes, minlength=p.block.size), p.block.ordered) for p in single]
    chance = sigmoid(fit.logits([plan.block for plan in plans]))
    chosen = choose_pairs(codes, maps, seen.won, chance, options.max_pairs, seen.weights, seen.whole)
    extra = []
    for group, pair in enumerate(chosen, start=len(bins)):
        names = (single[pair.first].features[0], single[pair.second].features[0])
        sides = tuple((COARSE - 1) * bool(single[place].block.ordered) for place in (pair.first, pair.second))
        block = Block(pair.codes(codes[pair.first], codes[pair.second]), COARSE * COARSE, 0, group, sides)
        extra.append(_Plan(names, block, maps=(pair.first_map, pair.second_map)))
    return extra


def _parts(seen: Sightings, options: Options) -> np.ndarray:
    """The part (0 to ``options.folds`` - 1) each row is left out with, all rows of a lead together; all have about
    the same share of won leads."""
    shuffled = np.random.default_rng(options.seed).permutation(len(seen.came))
    order = shuffled[np.argsort(seen.came[shuffled], kind="stable")]
    parts = np.empty(len(seen.came), dtype=int)
    parts[order] = np.arange(len(seen.came)) % options.folds
    return parts[seen.leads]


def _rounded(plans: list[_Plan], fit: AdditiveFit, errors, shares: np.ndarray) -> tuple[tuple[Term, ...], int]:
    terms = []
    for plan, table, error in zip(plans, fit.tables, errors, strict=True):
        points = tuple(np.rint(table / UNIT).astype(int).tolist())
        counts = _counts(plan.block.codes, shares, plan.block.size)
        sure = () if plan.maps else tuple(np.ceil(error / UNIT).astype(int).tolist())
        terms.append(Term(plan.features, points, counts, plan.level, plan.maps, sure))
    return tuple(terms), round(fit.intercept / UNIT)


def _counts(codes: np.ndarray, shares: np.ndarray, size: int) -> tuple[int, ...]:
    """Leads in each bin."""
    return tuple(np.rint(np.bincount(codes, shares, size)).astype(int).tolist())


def _own_logits(plans: list[_Plan], terms: tuple[Term, ...], intercept: int) -> np.ndarray:
    """The scores of the leads learned from as the model itself gives them: later ones are compared with these."""
    points = np.full(len(plans[0].block.codes), intercept)
    for plan, term in zip(plans, terms, strict=True):
        points += np.array(term.points)[plan.block.codes]
    return points * UNIT


def _summary(logits: np.ndarray, seen: Sightings) -> Training:
    order = np.argsort(logits, kind="stable")
    cuts = (
        np.unique(np.quantile(logits, np.linspace(0, 1, 11)[1:-1]))
        if not seen.repeated
        else _cuts(logits[order], seen.shares[order])
    )
    counts = _counts(np.searchsorted(cuts, logits), seen.shares, len(cuts) + 1)
    yes = int(seen.came.sum())
    return Training(yes, len(seen.came) - yes, tuple(cuts.tolist()), counts)


def _cuts(ordered: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """What parts rising scores into tenths of the leads, each row counting for its share of one."""
    upto = np.cumsum(shares)
    return np.unique(ordered[np.searchsorted(upto, upto[-1] * np.linspace(0, 1, 11)[1:-1])])
