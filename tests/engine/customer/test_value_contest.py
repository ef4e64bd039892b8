"""What orders are worth: one-time buyers have a value of their own, and the model that tells it best is used."""

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.purchase_worlds import world
from benchmarks.value_forecast import errors_of_values
from crm_plus.engine.customer.abstention import CannotFit, Reason
from crm_plus.engine.customer.gamma_gamma import ValueModel, fit_values
from crm_plus.engine.customer.log_normal import LogNormalModel, fit_log_normal
from crm_plus.engine.customer.purchase import summarize
from crm_plus.engine.customer.value_contest import MODELS, best_values


def orders(own, customers=1500, seed=4, days=900):
    """Orders whose amounts ``own`` draws of (generator, customer of each order)."""
    rng = np.random.default_rng(seed)
    count = 1 + rng.poisson(1.5, customers)
    who = np.repeat(np.arange(customers), count)
    return who, rng.integers(0, days, len(who)), own(rng, who)


def log_normal(rng, who):
    return np.exp(rng.normal(3, 0.5, who.max() + 1)[who] + rng.normal(0, 0.4, len(who)))


def gamma_gamma(rng, who):
    return rng.gamma(2.0, 1 / rng.gamma(9.0, 1 / 100, who.max() + 1)[who])


def alike(rng, who):
    return np.exp(rng.normal(3, 0.4, len(who)))


def test_one_time_buyers_of_cdnow_are_told_apart_by_their_first_order(cdnow_log):
    ours, repeat_only = errors_of_values(*cdnow_log, np.datetime64("1997-09-30"))
    assert ours.one_time <= 0.9 * repeat_only.one_time
    assert ours.all <= repeat_only.all


@pytest.mark.parametrize("name", ["loyal", "bursty", "leaving"])
def test_elsewhere_the_values_are_no_worse(name):
    log = world(name, 700, 3)
    ours, repeat_only = errors_of_values(log.customers, log.days, log.amounts, np.datetime64("2025-01-01"))
    assert ours.one_time <= 0.9 * repeat_only.one_time
    assert ours.all <= repeat_only.all


@pytest.mark.parametrize(("own", "kind"), [(log_normal, "log_normal"), (gamma_gamma, "gamma_gamma")])
def test_the_model_of_the_world_it_is_wins(own, kind):
    log = orders(own, 6000)
    model, verdict = best_values(*log, 900, summarize(*log, 900))
    assert model.kind == kind
    deviances = {one.entrant: one.deviance for one in verdict.standings}
    assert deviances[verdict.standings[0].entrant] < verdict.pooled.deviance
    assert verdict.origins == (718, 627, 536, 445)


def test_the_parameters_are_those_of_the_world():
    log = orders(log_normal, 6000)
    model = fit_log_normal(summarize(*log, 900))
    assert (model.middle, model.between**0.5, model.within**0.5) == pytest.approx((3, 0.5, 0.4), rel=0.03)
    assert model.level == pytest.approx(1, abs=0.03)


def test_when_customers_do_not_differ_all_get_the_mean_of_all_orders():
    who, day, amount = orders(alike, 3000)
    summary = summarize(who, day, amount, 900)
    model, _verdict = best_values(who, day, amount, 900, summary)
    said = model.of(summary)
    assert said.mean() == pytest.approx(amount.mean(), rel=0.02)
    assert said.std() < 0.03 * said.mean() < 0.1 * amount.std()
    none = replace(fit_log_normal(summary), between=0.0)
    assert np.ptp(none.of(summary)) < 1e-9


def test_orders_that_are_all_worth_the_same_have_that_value():
    who, _day, _amount = orders(alike)
    day = np.arange(len(who)) % 900
    summary = summarize(who, day, np.full(len(who), 10.0), 900)
    with pytest.raises(CannotFit):
        fit_values(summary.frequency, summary.value)
    model, _verdict = best_values(who, day, np.full(len(who), 10.0), 900, summary)
    assert model.of(summary) == pytest.approx(10.0)


def test_two_orders_of_everybody_that_are_all_alike_have_a_finite_model():
    summary = summarize([*range(60), *range(60)], [*[0] * 60, *[30] * 60], [9.0] * 120, 80)
    model = fit_log_normal(summary)
    assert all(np.isfinite(value) for value in model.to_json().values())
    assert model.of(summary) == pytest.approx(9.0)


def test_the_expected_value_lies_between_own_and_all_and_the_own_counts_more_with_more_orders():
    model = LogNormalModel(middle=3.0, between=0.3, within=0.3)
    who = ["one", *["ten"] * 10]
    said = model.of(summarize(who, [0, *range(10)], [60.0] * 11, 30))
    assert model.population_mean < said[0] < said[1] < 60 * np.exp(0.3)


def test_too_few_who_ordered_twice_are_refused_with_the_shortfall():
    log = [1, 1, 2], [0, 9, 9], [5.0, 5.0, 5.0]
    with pytest.raises(CannotFit) as refusal:
        best_values(*log, 30, summarize(*log, 30))
    assert (refusal.value.reason, refusal.value.found, refusal.value.needed) == (Reason.TOO_FEW_REPEATERS, 1, 30)


def test_a_history_too_short_to_judge_has_a_model_all_the_same():
    log = orders(log_normal, days=40)
    model, verdict = best_values(*log, 40, summarize(*log, 40))
    assert (model.kind, verdict.standings, verdict.pooled) == ("log_normal", (), None)


def test_refunded_and_free_orders_do_not_stop_anything():
    who, day, amount = orders(log_normal)
    amount[::7] = 0
    summary = summarize(who, day, amount, 900)
    model, _verdict = best_values(who, day, amount, 900, summary)
    assert np.isfinite(model.of(summary)).all() and (model.of(summary) > 0).all()


@pytest.mark.parametrize("own", [log_normal, gamma_gamma])
def test_models_survive_json(own):
    log = orders(own)
    model, _verdict = best_values(*log, 900, summarize(*log, 900))
    assert MODELS[model.kind].from_json(json.loads(json.dumps(model.to_json()))) == model


def test_parameters_of_before_read_the_repeat_orders_only():
    summary = summarize(["a", "b", "b"], [0, 0, 9], [99.0, 99.0, 20.0], 30)
    old = ValueModel.from_json({"p": 6.25, "q": 3.74, "v": 15.44})
    assert old.of(summary).tolist() == old.order_value([0, 1], [0, 20]).tolist()
    first = replace(old, first_order=True)
    assert first.of(summary).tolist() == old.order_value([1, 2], [99, 59.5]).tolist()
