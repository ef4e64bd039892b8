"""The solver against known answers."""

import numpy as np
import pytest
from lead_samples import FEATURES, sample_leads

from crm_plus.engine.prediction import binning, pairs
from crm_plus.engine.prediction.additive import Block, cross_fitted, fit_additive
from crm_plus.engine.prediction.calibration import sigmoid
from crm_plus.engine.prediction.features import Feature
from crm_plus.engine.prediction.metrics import log_loss
from crm_plus.engine.prediction.train import train


def test_with_a_weak_penalty_a_single_field_gives_the_shares_of_its_levels():
    codes = np.repeat([0, 1, 2], 1000)
    won = np.concatenate([np.repeat([1, 0], [share, 1000 - share]) for share in (100, 500, 800)])
    fit = fit_additive([Block(codes, 3, 0, 0)], won, strengths=[1e-6])
    assert sigmoid(fit.intercept + fit.tables[0]) == pytest.approx([0.1, 0.5, 0.8], abs=1e-4)


def test_a_lead_that_stands_for_three_counts_like_three():
    codes, won = np.repeat([0, 1, 2], 40), np.tile([1, 0, 0, 1, 0], 24)
    copies = np.tile([3, 1, 1, 2], 30)
    blocks = [Block(codes, 3, 0, 0)], [Block(codes.repeat(copies), 3, 0, 0)]
    weighted = fit_additive(blocks[0], won, weights=copies, strengths=[1e-6])
    repeated = fit_additive(blocks[1], won.repeat(copies), strengths=[1e-6])
    found, expected = (sigmoid(fit.intercept + fit.tables[0]) for fit in (weighted, repeated))
    assert found == pytest.approx(expected, abs=1e-4)


def test_equal_weights_change_nothing():
    columns, won = sample_leads(600)
    assert train(columns, won, FEATURES, weights=np.full(600, 3.0)) == train(columns, won, FEATURES)


def test_the_solution_is_that_of_scikit_learn_with_the_same_ridge():
    linear = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(0)
    codes = [rng.integers(0, 4, 500), rng.integers(0, 3, 500)]
    won = (rng.random(500) < sigmoid(codes[0] - 1.5 + (codes[1] == 2))).astype(int)
    blocks = [Block(codes[0], 4, 0, 0), Block(codes[1], 3, 0, 1)]
    fit = fit_additive(blocks, won, strengths=[2.0, 2.0])
    onehot = np.hstack([np.eye(4)[codes[0]], np.eye(3)[codes[1]]])
    reference = linear.LogisticRegression(C=0.5, tol=1e-10, max_iter=1000).fit(onehot, won)
    assert fit.logits(blocks) == pytest.approx(reference.decision_function(onehot), abs=1e-4)


def test_fields_with_more_bins_together_than_a_byte_counts_are_fitted():
    rng = np.random.default_rng(3)
    codes = [rng.integers(0, 200, 4000).astype(np.uint8) for _field in range(3)]
    won = rng.integers(0, 2, 4000)
    wide = [Block(code.astype(int), 200, 0, group) for group, code in enumerate(codes)]
    narrow = [Block(code, 200, 0, group) for group, code in enumerate(codes)]
    expected = fit_additive(wide, won, strengths=[1.0] * 3).logits(wide)
    assert fit_additive(narrow, won, strengths=[1.0] * 3).logits(narrow) == pytest.approx(expected)


def test_unseen_leads_get_the_logits_of_a_fit_to_the_others_alone_and_the_mean_is_that_of_all_these_fits():
    rng = np.random.default_rng(4)
    codes = [rng.integers(0, 9, 1200), np.minimum(rng.geometric(0.4, 1200), 6)]
    won = (rng.random(1200) < sigmoid(0.3 * codes[0] - 1 + (codes[1] == 3))).astype(int)
    blocks = [Block(codes[0], 10, 9, 0), Block(codes[1], 8, 0, 1)]
    parts = rng.integers(0, 3, 1200)
    found, mean = cross_fitted(blocks, won, fit_additive(blocks, won, strengths=[3.0, 0.5]), parts)
    everywhere = []
    for number in range(3):
        inside, outside = ([Block(b.codes[rows], b.size, b.ordered, b.group) for b in blocks]
                           for rows in (parts == number, parts != number))  # fmt: skip
        alone = fit_additive(outside, won[parts != number], strengths=[3.0, 0.5])
        assert found[parts == number] == pytest.approx(alone.logits(inside), abs=1e-3)
        everywhere.append(alone.logits(blocks))
    assert mean.logits(blocks) == pytest.approx(np.mean(everywhere, axis=0), abs=1e-3)


def test_a_useless_field_fades_out_and_an_ordered_one_is_smooth():
    rng = np.random.default_rng(1)
    steps, noise = rng.integers(0, 20, 4000), rng.integers(0, 30, 4000)
    won = (rng.random(4000) < sigmoid(0.2 * steps - 2)).astype(int)
    fit = fit_additive([Block(steps, 21, 20, 0), Block(noise, 30, 0, 1)], won)
    assert np.abs(fit.tables[1]).max() < 0.12
    assert np.corrcoef(fit.tables[0][:20], np.arange(20))[0, 1] > 0.98


def test_a_pair_of_ordered_fields_is_smooth_along_both_and_its_level_of_none_is_free():
    rng = np.random.default_rng(3)
    left, right = rng.integers(0, 8, 2000), rng.integers(0, 8, 2000)
    true = np.where((left < 7) & (right < 7), (left - 3) * (right - 3) / 4, 1.5 * (left == 7))
    won = (rng.random(2000) < sigmoid(true)).astype(int)
    grid = left * 8 + right
    smooth = fit_additive([Block(grid, 64, 0, 0, sides=(7, 7))], won)
    plain = fit_additive([Block(grid, 64, 0, 0)], won)
    error = [np.abs(fit.intercept + fit.tables[0][grid] - true).mean() for fit in (smooth, plain)]
    assert error[0] < 0.8 * error[1]
    assert smooth.tables[0][56:63].mean() == pytest.approx(1.5, abs=0.4)


def test_broad_effects_of_two_fields_together_are_found_and_useless_pairs_are_not():
    rng = np.random.default_rng(5)
    codes = [rng.integers(0, 8, 3000) for _field in range(20)]
    maps = [tuple(range(8))] * 20
    won = (rng.random(3000) < np.where((codes[0] < 4) ^ (codes[1] < 4), 0.56, 0.44)).astype(int)
    found = pairs.choose_pairs(codes, maps, won, np.full(3000, won.mean()), 20)
    assert (found[0].first, found[0].second) == (1, 0)
    assert len(found) <= 4


def test_tables_have_mean_zero_over_the_leads():
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 5, 300)
    fit = fit_additive([Block(codes, 6, 0, 0)], rng.integers(0, 2, 300))
    assert fit.tables[0][codes].mean() == pytest.approx(0, abs=1e-9)
    assert fit.tables[0][5] == 0  # no lead there


@pytest.mark.parametrize(
    ("value", "code"),
    [(-1, 0), (0.5, 0), (0.6, 1), (float("inf"), 2), (float("-inf"), 0), (None, 3), (float("nan"), 3)],
)
def test_numbers_fall_into_ordered_bins_and_missing_ones_into_the_last(value, code):
    bins = binning.Bins(Feature("n", "numeric"), cuts=(0.5, 2.0))
    assert bins.codes([value])[0] == code


def test_rare_and_unknown_categories_share_a_bin():
    bins = binning.learn_bins(Feature("c", "category"), ["a"] * 9 + ["b"] * 4, min_count=5)
    assert bins.codes(["a", "b", "never seen", None, ""]).tolist() == [1, 0, 0, 2, 2]


@pytest.mark.parametrize("leads", [170, 400])
def test_few_leads_without_anything_to_learn_are_told_about_the_average(leads):
    """Strengths and pairs chosen on all leads made chances on noise vary by 10 points and cost .03 of log-loss."""
    features = [Feature(f"field{number}", "category") for number in range(10)]
    features += [Feature(f"number{number}", "numeric") for number in range(4)]
    spreads, costs = [], []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        (columns, won), (fresh, came) = (_noise(size, features, rng) for size in (leads, 3000))
        chance = train(columns, won, features).score(fresh).probability
        spreads.append(chance.std())
        costs.append(log_loss(np.array(came), chance) - log_loss(np.array(came), np.full(3000, np.mean(won))))
    assert np.mean(spreads) < 0.04
    assert np.mean(costs) < 0.005


def _noise(leads, features, rng):
    columns = {
        feature.name: (rng.choice(list("abcdefgh"), leads) if feature.kind == "category" else rng.normal(size=leads))
        for feature in features
    }
    return {name: values.tolist() for name, values in columns.items()}, (rng.random(leads) < 0.35).astype(int).tolist()
