"""Leakage, fairness and drift."""

import numpy as np
import pytest
from lead_samples import FEATURES, sample_leads

from crm_plus.engine.prediction import drift, fairness, leakage
from crm_plus.engine.prediction.features import Feature
from crm_plus.engine.prediction.train import train


def test_a_field_that_knows_the_outcome_is_flagged_with_the_reason():
    columns, won = sample_leads(800)
    columns["verdict"] = np.where(won, "yes", "no").tolist()
    found = leakage.find_leaks(columns, won, (*FEATURES, Feature("verdict", "category")))
    assert [(leak.feature, leak.reason) for leak in found] == [("verdict", "auc"), ("verdict", "pure")]
    assert "almost perfectly" in found[0].words


def noted_after_the_outcome(won, rng, told=0.6):
    """A status that people set to match the outcome on most leads, and that says little on the others."""
    after = np.where(won, "will buy", rng.choice(["no answer", "no interest"], len(won)))
    before = rng.choice(["called", "mailed", "met"], len(won))
    return np.where(rng.random(len(won)) < told, after, before).tolist()


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.9])
def test_a_field_whose_values_are_nearly_purely_won_or_lost_is_flagged(share):
    rng = np.random.default_rng(3)
    won = (rng.random(6000) < share).astype(int)
    columns = {"status": noted_after_the_outcome(won, rng)}
    status = Feature("status", "category")
    assert leakage.single_auc(status, columns["status"], won) < leakage.AUC_LIMIT
    found = leakage.find_leaks(columns, won, [status])
    assert [(leak.feature, leak.reason) for leak in found] == [("status", "pure")]
    assert "nearly only they have" in found[0].words


def test_a_number_that_knows_the_outcome_is_flagged_like_a_value():
    rng = np.random.default_rng(4)
    won = (rng.random(4000) < 0.4).astype(int)
    told = rng.random(4000) < 0.9
    columns = {"hours": np.where(told, won * 50 + rng.normal(0, 5, 4000), rng.uniform(-20, 70, 4000)).tolist()}
    assert "pure" in [leak.reason for leak in leakage.find_leaks(columns, won, [Feature("hours", "numeric")])]


@pytest.mark.parametrize("share", [0.01, 0.05, 0.3, 0.5])
def test_a_strong_honest_field_is_not_flagged(share):
    """A demo that 9 in 10 won leads had and 1 in 10 lost ones: known before the outcome."""
    rng = np.random.default_rng(5)
    won = (rng.random(20_000) < share).astype(int)
    demo = rng.random(20_000) < np.where(won, 0.9, 0.1)
    assert leakage.find_leaks({"demo": demo.tolist()}, won, [Feature("demo", "boolean")]) == []


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_a_field_that_follows_one_outcome_only_is_flagged(share):
    """Only promising leads are made opportunities; many opportunities are lost all the same."""
    rng = np.random.default_rng(6)
    won = (rng.random(6000) < share).astype(int)
    kind = np.where(won | (rng.random(6000) < 0.3), "opportunity", "lead")
    feature = Feature("type", "category")
    assert leakage.pure_share(feature, kind, won) < leakage.PURE_LIMIT
    found = leakage.find_leaks({"type": kind.tolist()}, won, [feature])
    assert [(leak.feature, leak.reason) for leak in found] == [("type", "never")]
    assert found[0].words.endswith("% of the lost leads have a value of type that no won lead has")


def test_a_source_that_never_brought_anything_is_not_flagged():
    rng = np.random.default_rng(7)
    source = rng.choice(["Web", "Fair", "Spam"], 6000, p=[0.5, 0.4, 0.1])
    won = (rng.random(6000) < np.where(source == "Spam", 0, 0.3)).astype(int)
    assert leakage.find_leaks({"source": source.tolist()}, won, [Feature("source", "category")]) == []


def test_where_hardly_any_lead_is_won_a_value_without_a_win_is_no_news():
    rng = np.random.default_rng(8)
    won = (rng.random(6000) < 0.01).astype(int)
    source = np.where(won, "Fair", rng.choice(["Fair", "Web"], 6000, p=[0.7, 0.3]))
    assert leakage.find_leaks({"source": source.tolist()}, won, [Feature("source", "category")]) == []


def test_a_field_filled_on_lost_leads_only_is_flagged():
    columns, won = sample_leads(800)
    rng = np.random.default_rng(0)
    columns["lost_reason"] = [None if outcome or rng.random() < 0.3 else "price" for outcome in won]
    leaks = leakage.find_leaks(columns, won, (*FEATURES, Feature("lost_reason", "category")))
    assert [(leak.feature, leak.reason) for leak in leaks] == [("lost_reason", "won_lost_fill")]
    assert "more often on lost leads than on won" in leaks[0].words


def test_a_presence_given_as_yes_and_no_is_filled_where_it_is_yes():
    won = [1] * 100 + [0] * 100
    columns = {"note": [True] * 70 + [False] * 130}
    reasons = [leak.reason for leak in leakage.find_leaks(columns, won, [Feature("note", "presence")])]
    assert reasons == ["won_lost_fill"]


def test_a_field_filled_when_leads_are_closed_is_flagged():
    columns, won = sample_leads(400)
    open_columns, _ = sample_leads(300, seed=7)
    columns["summary"], open_columns["summary"] = ["x"] * 400, [None] * 300
    leaks = leakage.find_leaks(columns, won, (*FEATURES, Feature("summary", "presence")), open_columns)
    assert [(leak.feature, leak.reason) for leak in leaks] == [("summary", "closed_open_fill")]


def test_a_handful_of_open_leads_proves_nothing():
    columns, won = sample_leads(400)
    columns["summary"] = ["x" if number % 2 else None for number in range(400)]
    for few, flagged in ((10, []), (100, ["closed_open_fill"])):
        leaks = leakage.find_leaks(columns, won, [Feature("summary", "presence")], {"summary": [None] * few})
        assert [leak.reason for leak in leaks] == flagged


def test_a_field_that_open_leads_have_rather_is_new_and_no_leak():
    columns, won = sample_leads(400, seed=6)
    open_columns, _ = sample_leads(300, seed=7)
    columns["summary"], open_columns["summary"] = [None] * 400, ["x"] * 300
    assert not leakage.find_leaks(columns, won, (*FEATURES, Feature("summary", "presence")), open_columns)


def test_honest_fields_are_not_flagged_and_unique_values_tell_nothing():
    columns, won = sample_leads(800)
    columns["id"] = [f"lead-{number}" for number in range(800)]
    assert leakage.find_leaks(columns, won, (*FEATURES, Feature("id", "category"))) == []


def test_a_model_that_rests_on_country_says_so():
    rng = np.random.default_rng(0)
    country = rng.choice(["A", "B"], 2000)
    won = rng.random(2000) < np.where(country == "A", 0.8, 0.2)
    model = train({"country": country.tolist()}, won, [Feature("country", "category")])
    note = fairness.fairness_note(model.strengths(), ["country", "language"])
    assert note.total == 1.0 and note.words.startswith("country (100 %)")


def test_the_same_kind_of_leads_shows_no_drift_and_another_kind_does():
    columns, won = sample_leads(2000)
    model = train(columns, won, FEATURES)
    assert drift.drift(model, sample_leads(2000, seed=1)[0]).level == "stable"
    changed = sample_leads(2000, seed=1)[0]
    changed["source"] = ["Referral"] * 2000
    report = drift.drift(model, changed)
    assert report.level == "large"
    assert {shift.name for shift in report.shifts if shift.level == "large"} == {"score", "source"}
    assert report.to_json()["shifts"][0]["name"] == "score"


@pytest.mark.parametrize("seed", range(5))
def test_few_leads_with_few_values_and_of_the_same_kind_show_no_drift(seed):
    """Their scores are a handful of values, which tie with the edges of the tenths."""
    rng = np.random.default_rng(seed)
    source, good = rng.choice(["Web", "Fair", "Call"], 600).tolist(), (rng.random(600) < 0.5).tolist()
    amount = rng.integers(100, 900, 600).tolist()
    won = (rng.random(600) < np.where(np.array(source) == "Fair", 0.8, 0.3)).astype(int)
    columns = {"source": source, "good": good, "amount": amount}
    features = [Feature("source", "category"), Feature("good", "boolean"), Feature("amount", "numeric")]
    model = train({name: values[:560] for name, values in columns.items()}, won[:560], features)
    report = drift.drift(model, {name: values[560:] for name, values in columns.items()})
    assert report.level == "stable"


def test_probabilities_that_stop_coming_true_are_noticed():
    rng = np.random.default_rng(0)
    chance = rng.uniform(0.05, 0.6, 3000)
    assert not drift.calibration_shift(rng.random(3000) < chance, chance).drifted
    assert drift.calibration_shift(rng.random(3000) < chance * 0.7, chance).drifted


def test_the_check_of_probabilities_counts_leads_by_their_weight():
    won, chance = np.array([1.0, 0.0] * 200), np.full(400, 0.3)
    found = drift.calibration_shift(won, chance, np.where(won > 0, 3.0, 7.0))
    assert (found.predicted, found.won) == pytest.approx((0.3, 0.3))
    assert not found.drifted and drift.calibration_shift(won, chance).drifted


def test_chances_around_one_half_that_rise_are_noticed():
    rng = np.random.default_rng(3)
    chance = rng.uniform(0.4, 0.6, 400)
    noticed = [drift.calibration_shift(rng.random(400) < chance + 0.15, chance).drifted for _trial in range(100)]
    assert np.mean(noticed) > 0.9
    by_chance = [drift.calibration_shift(rng.random(400) < chance, chance).drifted for _trial in range(400)]
    assert np.mean(by_chance) < 0.03


def test_a_recalibration_gives_back_what_was_done_to_the_logits():
    rng = np.random.default_rng(4)
    logit = rng.normal(0, 1.5, 20_000)
    won = rng.random(20_000) < 1 / (1 + np.exp(-(0.4 + 0.7 * logit)))
    found = drift.calibration_shift(won, 1 / (1 + np.exp(-logit)))
    assert (found.intercept, found.slope) == pytest.approx((0.4, 0.7), abs=0.06)
    assert found.drifted
