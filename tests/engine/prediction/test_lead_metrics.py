import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_plus.engine.prediction import calibration, metrics
from crm_plus.engine.prediction.compare import compare, delong

SAMPLE = st.lists(st.tuples(st.sampled_from([0, 1]), st.integers(0, 20).map(lambda k: k / 20)), min_size=1, max_size=60)


@given(SAMPLE)
def test_metrics_agree_with_scikit_learn(sample):
    reference = pytest.importorskip("sklearn.metrics")
    won, chance = (np.array(side, dtype=float) for side in zip(*sample, strict=True))
    assert metrics.brier(won, chance) == pytest.approx(np.mean((won - chance) ** 2))
    assert metrics.log_loss(won, chance) == pytest.approx(reference.log_loss(won, chance, labels=[0, 1]), rel=1e-6)
    if 0 < won.sum() < len(won):
        assert metrics.auc(won, chance) == pytest.approx(reference.roc_auc_score(won, chance))
    else:
        assert metrics.auc(won, chance) is None


def test_a_track_record_is_plain_json():
    rng = np.random.default_rng(0)
    chance = rng.random(500)
    record = metrics.evaluate(rng.random(500) < chance, chance)
    assert json.loads(json.dumps(record.to_json()))["leads"] == 500
    assert sum(part.leads for part in record.reliability) == sum(part.leads for part in record.lift) == 500
    assert all(part.low <= part.won <= part.high for part in record.reliability)
    assert record.lift[0].lift > 1.5 > 0.5 > record.lift[-1].lift


def test_no_leads_are_refused():
    with pytest.raises(ValueError, match="no leads"):
        metrics.evaluate(np.array([]), np.array([]))


def test_chance_alone_explains_the_error_of_a_perfect_predictor():
    rng = np.random.default_rng(0)
    chance = rng.random(2000)
    errors = [metrics.ece((rng.random(2000) < chance).astype(float), chance) for _ in range(200)]
    assert np.mean(errors) == pytest.approx(metrics.ece_by_chance(chance), rel=0.05)


def test_the_error_without_noise_is_near_zero_for_a_perfect_predictor_and_near_the_truth_for_a_bad_one():
    rng = np.random.default_rng(0)
    chance = rng.random(2000)
    outcomes = [(rng.random(2000) < chance).astype(float) for _ in range(100)]
    assert np.mean([metrics.ece_debiased(won, chance) for won in outcomes]) < 0.6 * metrics.ece_by_chance(chance)
    shifted = [metrics.ece_debiased(won, np.minimum(chance + 0.1, 1)) for won in outcomes]
    assert np.mean(shifted) == pytest.approx(0.095, abs=0.01)


WEIGHTED = st.lists(st.tuples(st.sampled_from([0, 1]), st.integers(1, 19), st.integers(1, 4)), min_size=2, max_size=40)


@given(WEIGHTED)
def test_a_lead_that_stands_for_three_counts_like_three(sample):
    won, chance, weights = (np.array(side, dtype=float) for side in zip(*sample, strict=True))
    chance, copies = chance / 20, weights.astype(int)
    for figure in (metrics.auc, metrics.log_loss, metrics.brier, metrics.ece):
        assert figure(won, chance, weights) == pytest.approx(figure(won.repeat(copies), chance.repeat(copies)))


def test_a_weighted_track_record_shows_weighted_shares_and_plain_counts():
    won, chance = np.array([1, 0] * 50), np.repeat([0.15, 0.55], 50)
    record = metrics.evaluate(won, chance, np.array([3, 1] * 50))
    assert [part.leads for part in record.reliability] == [50, 50]
    assert [part.won for part in record.reliability] == pytest.approx([0.75, 0.75])
    assert record.reliability[0].low < metrics.wilson(37.5, 50)[0]  # unequal weights tell less
    assert [part.lift for part in record.lift] == pytest.approx([1] * 10, abs=0.2)
    assert sum(part.won for part in record.lift) == record.won == 50


def test_weights_put_a_calibration_right_that_was_learnt_from_a_biased_sample():
    rng = np.random.default_rng(6)
    logits = rng.normal(0, 1, 40_000)
    won = (rng.random(40_000) < 1 / (1 + np.exp(-logits))).astype(float)
    kept = rng.random(40_000) < np.where(won, 1, 0.25)
    for leads in (400, 4000):  # a line, a free map
        rows = np.flatnonzero(kept)[:leads]
        fitted = calibration.fit_calibration(logits[rows], won[rows], np.where(won[rows], 1.0, 4.0))
        assert fitted.apply(np.array([-1.0, 0.0])) == pytest.approx([0.269, 0.5], abs=0.06)


@given(st.integers(0, 50), st.lists(st.floats(-40, 40), min_size=2, max_size=30))
@settings(max_examples=40, deadline=None)
def test_every_calibration_rises_and_survives_json(seed, logits):
    rng = np.random.default_rng(seed)
    learned = rng.normal(0, 2, 400)
    won = (rng.random(400) < 1 / (1 + np.exp(-0.5 * learned * rng.choice([-1, 1, 3])))).astype(float)
    fitted = calibration.fit_calibration(learned, won)
    chance = fitted.apply(np.sort(logits))
    assert (np.diff(chance) >= -1e-15).all()
    assert chance.min() >= 1 / 402 and chance.max() <= 401 / 402
    assert calibration.Calibration.from_json(json.loads(json.dumps(fitted.to_json()))) == fitted


def test_leads_that_look_alike_get_the_won_share():
    won = np.array([1] * 30 + [0] * 90)
    assert calibration.fit_calibration(np.zeros(120), won).apply(np.zeros(1))[0] == pytest.approx(0.25, abs=0.01)


def test_scores_that_tell_all_won_from_all_lost_leads_stay_finite():
    won = np.repeat([0, 1], 100)
    chance = calibration.fit_calibration(np.where(won, 3.0, -3.0), won).apply(np.array([-3.0, 3.0]))
    assert chance == pytest.approx([1 / 102, 101 / 102], abs=2e-3)


def test_many_leads_bend_the_line_where_their_scores_are_wrong():
    """Scores that are right below zero and twice too sure above."""
    rng = np.random.default_rng(6)
    true = rng.normal(0, 1.5, 20_000)
    won = (rng.random(20_000) < 1 / (1 + np.exp(-true))).astype(float)
    chance = calibration.fit_calibration(np.where(true > 0, 2 * true, true), won).apply(np.array([-1.0, 2.0]))
    assert chance == pytest.approx([0.269, 0.731], abs=0.02)


@pytest.mark.parametrize("leads", [300, 2000, 8000])
def test_over_confident_logits_are_put_right(leads):
    rng = np.random.default_rng(4)
    true = rng.normal(0, 1, leads)
    won = (rng.random(leads) < 1 / (1 + np.exp(-true))).astype(float)
    chance = calibration.fit_calibration(3 * true, won).apply(np.array([3 * np.log(0.69 / 0.31)]))
    assert chance[0] == pytest.approx(0.69, abs=0.05)


def test_a_better_version_is_recognized_and_a_worse_one_refused():
    rng = np.random.default_rng(0)
    logit = rng.normal(0, 1.5, 2000)
    won = (rng.random(2000) < 1 / (1 + np.exp(-logit))).astype(float)
    good, bad = 1 / (1 + np.exp(-logit)), 1 / (1 + np.exp(-0.3 * logit + rng.normal(0, 1, 2000)))
    assert compare(won, good, bad).decision == "better"
    assert compare(won, bad, good).decision == "worse" and not compare(won, bad, good).publishable
    same = compare(won, good, good)
    assert (same.decision, same.log_loss.value, same.auc.value) == ("not worse", 0.0, 0.0)
    assert "not worse: log-loss +0.0000" in same.words


def test_weights_make_a_comparison_no_surer():
    rng = np.random.default_rng(8)
    won = (rng.random(500) < 0.4).astype(float)
    new, old = np.clip([0.4 + 0.2 * won + rng.normal(0, 0.2, 500), rng.uniform(0.2, 0.6, 500)], 0.01, 0.99)
    plain, same = compare(won, new, old), compare(won, new, old, np.full(500, 7.0))
    assert same.to_json() == plain.to_json()
    uneven = compare(won, new, old, np.where(rng.random(500) < 0.2, 9.0, 1.0))
    assert uneven.log_loss.high - uneven.log_loss.low > plain.log_loss.high - plain.log_loss.low
    assert uneven.auc.high - uneven.auc.low > plain.auc.high - plain.auc.low


def test_few_leads_leave_the_comparison_unclear():
    won, new, old = np.array([1.0, 0, 1, 0]), np.array([0.6, 0.6, 0.7, 0.2]), np.array([0.6, 0.4, 0.5, 0.4])
    assert compare(won, new, old).decision == "unclear"


def test_delong_interval_has_the_size_of_a_bootstrap():
    rng = np.random.default_rng(3)
    won = (rng.random(600) < 0.4).astype(float)
    first, second = won + rng.normal(0, 1, 600), won + rng.normal(0, 1.3, 600)
    draws = []
    for _ in range(400):
        rows = rng.integers(0, 600, 600)
        draws.append(metrics.auc(won[rows], first[rows]) - metrics.auc(won[rows], second[rows]))
    found = delong(won, first, second)
    assert found.value == pytest.approx(metrics.auc(won, first) - metrics.auc(won, second))
    assert (found.high - found.low) / 2 / 1.96 == pytest.approx(np.std(draws), rel=0.15)


def test_weighted_intervals_have_the_size_of_a_bootstrap():
    rng = np.random.default_rng(3)
    won = (rng.random(600) < 0.4).astype(float)
    weights = rng.choice([1.0, 2.0, 8.0], 600)
    first, second = (1 / (1 + np.exp(-won - rng.normal(0, size, 600))) for size in (1, 1.3))
    draws = []
    for _ in range(400):
        rows = rng.integers(0, 600, 600)
        drawn = compare(won[rows], first[rows], second[rows], weights[rows])
        draws.append((drawn.log_loss.value, drawn.auc.value))
    found = compare(won, first, second, weights)
    halves = [(interval.high - interval.low) / 2 / 1.96 for interval in (found.log_loss, found.auc)]
    assert halves == pytest.approx(np.std(draws, axis=0), rel=0.15)


@pytest.mark.parametrize(
    ("leads", "error", "worse_by", "renewed"),
    [(60, 0.25, 0, (0.8, 1)), (200, 0.25, 0, (0.8, 1)), (600, 0.25, 0, (0.8, 1)), (600, 0.66, 0.03, (0, 0.05))],
)
def test_a_version_of_the_same_recipe_renews_the_current_one_unless_it_is_shown_to_be_worse(
    leads, error, worse_by, renewed
):
    # the current one errs by a quarter in logits
    rng = np.random.default_rng(11)
    found = []
    for _trial in range(500):
        logit = rng.normal(-0.8, 1.2, leads)
        won = rng.random(leads) < 1 / (1 + np.exp(-logit))
        new, current = (1 / (1 + np.exp(-(logit + rng.normal(0, spread, leads)))) for spread in (error, 0.25))
        found.append(compare(won, new, current))
    assert np.mean([one.log_loss.value for one in found]) == pytest.approx(worse_by, abs=0.004)
    assert renewed[0] <= np.mean([one.renews for one in found]) <= renewed[1]
