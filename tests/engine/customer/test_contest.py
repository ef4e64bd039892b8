"""Which model forecasts best is found by forecasting what is known already."""

import json

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from benchmarks.purchase_worlds import world
from crm_plus.engine.customer import contest
from crm_plus.engine.customer.abstention import CannotFit, Reason
from crm_plus.engine.customer.clv import Horizon, outlook
from crm_plus.engine.customer.contest import (
    ENTRANTS,
    BackTest,
    Standing,
    _ranked,
    compete,
    fit_all,
    fit_winner,
    poisson_deviance,
)
from crm_plus.engine.customer.forecaster import YEAR, Forecaster
from crm_plus.engine.customer.order_log import OrderLog
from crm_plus.engine.customer.purchase import summarize
from crm_plus.engine.customer.silence import calibration_error, recalibrate, shares_by_level


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(1):
        yield


def judged(name, days, customers=700, seed=3):
    """The verdict of a contest that saw all but the last days, the forecast for those, and what came."""
    log = world(name, customers, seed)
    orders = OrderLog.of(log.customers, log.days)
    origin = orders.span[1] - days
    verdict = compete(orders, origin)
    model = fit_winner(verdict, orders, origin)
    past = orders.until(origin)
    return verdict, model, past, orders.counts(origin, origin + days)[past.code]


@pytest.mark.parametrize(
    ("name", "days", "limit"),
    [("loyal", 364, 8), ("regular", 364, 8), ("leaving", 364, 14), ("bursty", 364, 8), ("seasonal", 182, 10)],
)
def test_the_winner_forecasts_the_total_of_what_nobody_had_seen(name, days, limit):
    verdict, model, past, came = judged(name, days)
    forecast = model.total(days, *past.history)
    assert abs(forecast.sum() / came.sum() - 1) <= limit / 100
    assert verdict.winner.deviance < verdict.repeat.deviance
    assert verdict.low <= 1.2 and verdict.high >= 0.8


def test_the_season_wins_where_there_is_one_and_only_there():
    assert judged("seasonal", 182)[0].winner.season
    assert not judged("loyal", 364)[0].winner.season


@pytest.mark.parametrize("name", ["loyal", "leaving", "seasonal"])
def test_the_churn_risk_is_the_share_of_those_without_an_order_and_its_levels_are_in_order(name):
    _verdict, model, past, came = judged(name, YEAR, customers=2000)
    risk = model.risk(*past.history)
    assert calibration_error(risk, came == 0) <= 0.05
    shares = [share for count, share in shares_by_level(risk, came == 0, (0.2, 0.5, 0.8)) if count >= 30]
    assert len(shares) > 1 and shares == sorted(shares)


def test_where_no_year_could_be_checked_all_models_have_their_say_about_silence(cdnow_log):
    customers, days, _amounts = cdnow_log
    orders = OrderLog.of(customers, days)
    origin = orders.span[1] - YEAR
    verdict = compete(orders, origin)
    model = fit_winner(verdict, orders, origin)
    past = orders.until(origin)
    silent = orders.counts(origin, origin + YEAR)[past.code] == 0
    risk = model.risk(*past.history)
    assert verdict.days < YEAR
    assert calibration_error(risk, silent) <= 0.05
    shares = [share for _count, share in shares_by_level(risk, silent, (0.2, 0.5, 0.8))]
    assert shares == sorted(shares)
    again = Forecaster.from_json(model.kind, json.loads(json.dumps(model.to_json())))
    assert again.risk(*past.history) == pytest.approx(risk, rel=1e-12)


def test_every_model_that_may_win_gives_an_outlook():
    """The count model won for buyers at Christmas, and the prediction of all of them failed."""
    log = world("loyal", 400, 5)
    orders = OrderLog.of(log.customers, log.days)
    end = orders.span[1]
    summary = summarize(log.customers, log.days, log.amounts, log.days.max())
    kinds = set()
    for entrant, forecaster in fit_all(orders, end, YEAR):
        found = outlook(summary, forecaster, None, Horizon())
        assert np.isfinite(found.churn_risk).all() and np.isfinite(found.orders).all()
        kinds.add(entrant.kind)
    assert kinds == {entrant.kind for entrant in ENTRANTS}


def test_one_time_buyers_have_a_risk_of_their_own():
    _verdict, model, past, _came = judged("leaving", YEAR)
    assert model.risk(*past.history)[past.frequency == 0].min() > 0.2


def test_a_contest_knows_nothing_of_later_days():
    log = world("leaving", 400, 5)
    orders = OrderLog.of(log.customers, log.days)
    end = orders.span[1] - 400
    early = log.days.astype(int) <= end
    seen = OrderLog.of(log.customers[early], log.days[early])
    assert compete(orders, end).to_json() == compete(seen, end).to_json()


def test_too_few_customers_and_too_short_a_history_are_told():
    with pytest.raises(CannotFit, match="49 customers, 50 are needed"):
        compete(OrderLog.of(np.arange(49), np.arange(49) * 10), 900)
    with pytest.raises(CannotFit, match="80 days of orders, 90 are needed") as refusal:
        compete(OrderLog.of(np.arange(60), np.zeros(60)), 80)
    assert refusal.value.reason == Reason.TOO_SHORT_A_HISTORY
    with pytest.raises(CannotFit) as refusal:
        compete(OrderLog.of([], []), 900)
    assert refusal.value.reason == Reason.TOO_FEW_CUSTOMERS


def test_when_nothing_beats_repeating_the_past_nothing_is_forecast():
    """Whoever ordered last Christmas orders this Christmas, in the same few weeks."""
    log = world("christmas", 400)
    with pytest.raises(CannotFit, match="no model forecast better than repeating the past") as refusal:
        compete(OrderLog.of(log.customers, log.days), int(log.days.max().astype(int)))
    assert refusal.value.reason == Reason.NOTHING_BEATS_THE_PAST


def test_buyers_as_regular_as_a_clock_are_forecast():
    who, week = np.divmod(np.arange(80 * 160), 160)
    orders = OrderLog.of(who, 7 * week)
    model = fit_winner(compete(orders, 7 * 160), orders, 7 * 160)
    assert model.total(364, *orders.until(7 * 160).history) == pytest.approx(52, rel=0.02)


def test_of_equally_good_entrants_the_one_with_the_better_totals_wins():
    tests = (BackTest(0, 1.0, 1, 1.0),)
    one = Standing("mbg_nbd", False, 1.0, 9.0, tests)
    other = Standing("pareto_nbd", False, 1.004, 3.0, tests)
    far = Standing("bg_nbd", True, 1.2, 0.1, tests)
    assert _ranked([far, one, other]) == [other, one, far]
    border = Standing("nbd", False, 1.004, 1.0, tests)
    assert _ranked([one, border])[0] is one


def test_all_kinds_compete_with_and_without_the_season():
    assert {(one.kind, one.season) for one in judged("leaving", 364)[0].standings} == {
        (one.kind, one.season) for one in ENTRANTS
    }


def test_the_deviance_asks_for_totals_and_for_customers():
    came = np.array([0, 0, 2, 4])
    assert poisson_deviance(came, came) == pytest.approx(0, abs=1e-9)
    assert poisson_deviance([0.1, 0.1, 2, 4], came) < poisson_deviance([1.5] * 4, came)
    assert poisson_deviance([1.5] * 4, came) < poisson_deviance([4.5] * 4, came)


def test_a_log_says_of_any_day_what_a_summary_up_to_it_says():
    rng = np.random.default_rng(2)
    who, day = rng.integers(0, 40, 500), rng.integers(0, 300, 500)
    log = OrderLog.of(who, day)
    for until in (50, 299):
        known, summary = log.until(until), summarize(who, day, np.ones(500), until)
        assert np.unique(who)[known.code].tolist() == summary.customers.tolist()
        assert known.frequency.tolist() == summary.frequency.tolist()
        assert known.recency.tolist() == summary.recency.tolist()
        assert known.age.tolist() == summary.age.tolist()
    assert log.counts(50, 299).sum() == len(set(zip(who[day > 50].tolist(), day[day > 50].tolist(), strict=True)))
    assert len(log.until(-1)) == 0


def test_recalibrated_probabilities_rise_and_agree_with_what_was():
    rng = np.random.default_rng(4)
    said = rng.random(5000)
    silent = rng.random(5000) < said**2
    line = recalibrate(said, silent)
    assert list(line.true) == sorted(line.true)
    assert calibration_error(said, silent) > 0.1
    assert calibration_error(line.of(said), silent) < 0.02
    assert recalibrate([], []).of([0.3]).tolist() == [0.3]
    assert 0 < recalibrate([0.5] * 10, [1] * 10).of([0.5])[0] < 1


def test_a_contest_among_many_customers_is_one_among_a_sample_of_them(monkeypatch):
    made = world("leaving", 600, 3)
    log = OrderLog.of(made.customers, made.days)
    few, end = log.sample(200), log.span[1]
    assert few.customers == 200
    expected = compete(few, end)
    monkeypatch.setattr(contest, "SAMPLE", 200)
    assert compete(log, end).to_json() == expected.to_json()
    assert compete(log, end).winner.tests[0].came == few.counts(end - YEAR, end)[few.until(end - YEAR).code].sum()
