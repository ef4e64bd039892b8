import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lead_samples import FEATURES, sample_leads

from crm_plus.engine.prediction.explain import compact, explain, vocabulary
from crm_plus.engine.prediction.features import Feature
from crm_plus.engine.prediction.model import ScoreModel
from crm_plus.engine.prediction.parts import parts
from crm_plus.engine.prediction.shortfall import Shortfall
from crm_plus.engine.prediction.train import Options, train

LEAD = st.fixed_dictionaries(
    {
        "visits": st.none() | st.floats(allow_infinity=True, allow_nan=True) | st.integers(-5, 99),
        "source": st.sampled_from(["Web", "Fair", "Nowhere", "", None, 1, 1.0, True]),
        "mail": st.sampled_from([True, False, None]),
        "note": st.sampled_from(["x", "", None]),
        "tags": st.lists(st.sampled_from(["VIP", "new", "odd"]), max_size=3),
    }
)


@pytest.fixture(scope="module")
def model() -> ScoreModel:
    return train(*sample_leads(1500), FEATURES)


def as_columns(leads):
    return {feature.name: [lead[feature.name] for lead in leads] for feature in FEATURES}


@given(st.lists(LEAD, min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_a_score_never_depends_on_the_batch(model, leads):
    together = model.score(as_columns(leads))
    for place, lead in enumerate(leads):
        alone = model.score(as_columns([lead]))
        assert alone.points[0] == together.points[place]
        assert alone.probability[0] == together.probability[place]
        assert explain(model, as_columns([lead]))[0] == explain(model, as_columns(leads))[place]


@given(st.lists(LEAD, min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_contributions_add_up_to_the_last_digit(model, leads):
    scores = model.score(as_columns(leads))
    assert (scores.intercept + scores.contributions.sum(axis=1) == scores.points).all()
    for points, text in zip(scores.points, explain(model, as_columns(leads)), strict=True):
        assert text["intercept"] + sum(part[2] for part in text["parts"]) == text["score"] == points


@given(st.lists(LEAD, min_size=1, max_size=12))
@settings(max_examples=30, deadline=None)
def test_a_compact_explanation_tells_the_same(model, leads):
    words = vocabulary(model)
    told = [text for _, texts in compact(model, as_columns(leads)) for text in texts]
    for text, full in zip(told, explain(model, as_columns(leads)), strict=True):
        assert parts(words, text) == full["parts"]


@given(st.lists(LEAD, min_size=2, max_size=12), st.randoms())
@settings(max_examples=30, deadline=None)
def test_the_order_of_leads_does_not_matter(model, leads, random):
    places = list(range(len(leads)))
    random.shuffle(places)
    shuffled = model.score(as_columns([leads[place] for place in places]))
    assert (shuffled.points == model.score(as_columns(leads)).points[places]).all()


def test_json_round_trip_is_exact(model):
    again = ScoreModel.from_json(json.loads(json.dumps(model.to_json())))
    assert again == model
    columns, _ = sample_leads(200, seed=9)
    assert (again.score(columns).probability == model.score(columns).probability).all()


def test_a_model_of_an_unknown_format_is_refused(model):
    with pytest.raises(ValueError, match="format 99"):
        ScoreModel.from_json(model.to_json() | {"format": 99})


def test_training_twice_gives_the_same_model(model):
    assert train(*sample_leads(1500), FEATURES) == model


def test_probability_rises_with_the_score(model):
    scores = model.score(sample_leads(2000, seed=3)[0])
    order = np.argsort(scores.points)
    assert (np.diff(scores.probability[order]) >= 0).all()


def test_it_finds_what_matters(model):
    visits, referral = ({"visits": 9, "source": "Web"}, {"visits": 2, "source": "Referral"})
    dull = {"visits": 2, "source": "Web", "mail": False, "note": "", "tags": ["new"]}
    chances = model.score(
        as_columns([dull, dull | visits, dull | referral, dull | {"tags": ["new", "VIP"]}])
    ).probability
    assert (chances[1:] > chances[0] + 0.1).all()


def test_too_few_won_leads_give_the_exact_shortfall_and_no_number():
    columns = {"source": ["Web"] * 137}
    result = train(columns, [1] * 37 + [0] * 100, [Feature("source", "category")])
    assert isinstance(result, Shortfall)
    assert result.words == "needs at least 50 won leads, has 37"
    assert (result.missing_won, result.missing_lost) == (13, 0)


def test_no_leads_at_all_abstain_as_well():
    result = train({"source": []}, [], [Feature("source", "category")])
    assert result.words == "needs at least 50 won leads, has 0; needs at least 50 lost leads, has 0"


def test_a_missing_column_is_named():
    with pytest.raises(KeyError, match="source"):
        train({"other": [1] * 200}, [0, 1] * 100, [Feature("source", "category")])


@pytest.mark.parametrize("leads", [1000, 4000, 12000])
def test_four_copies_of_a_field_do_not_make_a_probability_extreme(leads):
    """True share 69 %: odds 2.25. Multiplying the evidence four times, as naive Bayes does, would show 96 %."""
    rng = np.random.default_rng(1)
    good = rng.random(leads) < 0.5
    won = (rng.random(leads) < np.where(good, 0.69, 0.31)).astype(int)
    value = np.where(good, "good", "bad").tolist()
    columns = {f"copy{number}": value for number in range(4)}
    model = train(columns, won, [Feature(name, "category") for name in columns])
    chance = model.score({name: ["good"] for name in columns}).probability[0]
    assert chance == pytest.approx(won[good].mean(), abs=0.015)
    assert chance == pytest.approx(0.69, abs=0.03)


def test_rare_wins_keep_probabilities_honest():
    columns, _ = sample_leads(8000)
    won = (np.random.default_rng(5).random(8000) < np.where(np.array(columns["mail"]), 0.03, 0.01)).astype(int)
    model = train(columns, won, FEATURES)
    chance = model.score(columns).probability
    assert chance.mean() == pytest.approx(won.mean(), rel=0.1)
    assert 0 < chance.min() < chance.max() < 0.15


def test_a_combination_of_fields_is_found_and_explained():
    rng = np.random.default_rng(2)
    left, right = rng.random(3000) < 0.5, rng.random(3000) < 0.5
    won = (rng.random(3000) < np.where(left ^ right, 0.8, 0.2)).astype(int)
    columns = {"left": left.tolist(), "right": right.tolist()}
    features = [Feature("left", "boolean"), Feature("right", "boolean")]
    model = train(columns, won, features)
    assert model.score({"left": [True], "right": [False]}).probability[0] == pytest.approx(0.8, abs=0.04)
    assert explain(model, {"left": [True], "right": [False]})[0]["parts"][0][:2] == ["right × left", "no, yes"]
    plain = train(columns, won, features, Options(max_pairs=0))
    assert plain.score({"left": [True], "right": [False]}).probability[0] == pytest.approx(0.5, abs=0.06)


def test_a_constant_or_empty_field_does_no_harm():
    columns, won = sample_leads(600)
    columns |= {"same": ["x"] * 600, "empty": [None] * 600, "void": [None] * 600}
    extra = (Feature("same", "category"), Feature("empty", "category"), Feature("void", "numeric"))
    model = train(columns, won, FEATURES + extra)
    assert abs(model.strengths()["same"]) < 1e-3
    assert np.isfinite(model.score(columns).probability).all()


def test_scoring_imports_neither_scikit_learn_nor_the_host():
    code = (
        "import sys, types; p = types.ModuleType('crm_plus'); p.__path__ = ['crm_plus']; sys.modules['crm_plus'] = p\n"
        "from crm_plus.engine.prediction import drift, explain, train\n"
        "assert not {'sklearn', 'pandas', 'odoo'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


def test_very_many_fields_get_fewer_bins_each_so_that_training_stays_bounded():
    rng = np.random.default_rng(0)
    columns = {f"n{number}": rng.normal(size=400).tolist() for number in range(120)}
    won = (rng.random(400) < 1 / (1 + np.exp(-np.array(columns["n0"])))).astype(int)
    model = train(columns, won, [Feature(name, "numeric") for name in columns], Options(most_bins=1200, max_pairs=0))
    assert sum(item.size for item in model.bins) <= 1200
    assert next(iter(model.strengths())) == "n0"
