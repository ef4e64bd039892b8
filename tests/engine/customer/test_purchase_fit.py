"""Models of purchases fitted with a weak prior: there is one whatever the customers are like."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from crm_plus.engine.customer import nbd, pareto_nbd
from crm_plus.engine.customer.forecaster import MODELS, Forecaster
from crm_plus.engine.customer.histories import group_histories
from crm_plus.engine.customer.nbd import NbdModel
from crm_plus.engine.customer.pareto_nbd import ParetoNbdModel
from crm_plus.engine.customer.purchase_fit import KINDS, fit_purchases
from crm_plus.engine.customer.silence import Recalibration

PUBLISHED = {  # Fader and Hardie: BG/NBD (2005), notes on the Pareto/NBD (2005) and the NBD of the CDNOW sample
    "bg_nbd": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    "pareto_nbd": {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669},
}
positive = st.floats(0.05, 20)
histories = st.tuples(st.integers(0, 60), st.floats(0, 1), st.floats(1, 400)).map(
    lambda row: (row[0], row[1] * row[2] if row[0] else 0.0, row[2])
)


def simulated(shape, n=600, seed=7):
    """Customers who never stop and whose gaps are gamma with this shape: 1 by chance, 20 nearly equal."""
    rng = np.random.default_rng(seed)
    age, rate = rng.integers(200, 1400, n), rng.gamma(1.6, 1 / 150, n) + 1e-3
    times = np.cumsum(rng.gamma(shape, 1 / (shape * rate)[:, None], (n, 400)), axis=1)
    x = (times < age[:, None]).sum(axis=1)
    last = np.where(x, np.floor(np.take_along_axis(times, np.maximum(x - 1, 0)[:, None], axis=1)[:, 0]), 0)
    return x, last, age.astype(float), rate


@pytest.mark.parametrize("kind", PUBLISHED)
def test_published_estimates_of_cdnow_are_reproduced_exactly_and_hardly_moved_by_the_prior(cdnow, kind):
    history = [cdnow[name] for name in ("x", "t_x", "T")]
    exact, weak = (fit_purchases(kind, *history, prior_spread=spread) for spread in (None, 2.0))
    for name, published in PUBLISHED[kind].items():
        assert getattr(exact, name) == pytest.approx(published, abs=2e-3)
        assert getattr(weak, name) == pytest.approx(published, rel=0.01 if kind == "bg_nbd" else 0.06)
    assert weak.log_likelihood == pytest.approx(exact.log_likelihood, abs=0.01)


def test_the_pareto_nbd_has_the_published_likelihood_of_cdnow(cdnow):
    grouped = group_histories(*(cdnow[name] for name in ("x", "t_x", "T")))
    value, _gradient = pareto_nbd.log_likelihood([0.5533, 10.5776, 0.6061, 11.6650], grouped)
    assert value == pytest.approx(-9594.98, abs=0.01)


def test_the_pareto_nbd_says_of_customers_what_lifetimes_says(cdnow):
    lifetimes = pytest.importorskip("lifetimes")
    history = [cdnow[name][:300] for name in ("x", "t_x", "T")]
    parameters = {"r": 0.5533, "alpha": 10.5776, "s": 0.6061, "beta": 11.6650}
    ours, theirs = ParetoNbdModel(**parameters), lifetimes.ParetoNBDFitter()
    theirs.params_ = parameters
    assert ours.p_alive(*history) == pytest.approx(theirs.conditional_probability_alive(*history), abs=1e-6)
    expected = theirs.conditional_expected_number_of_purchases_up_to_time(39, *history)
    assert ours.expected_orders(39, *history) == pytest.approx(np.asarray(expected), abs=1e-4)
    silent = [
        theirs.conditional_probability_of_n_purchases_up_to_time(0, 39, *row) for row in zip(*history, strict=True)
    ]
    assert ours.p_silent(39, *history) == pytest.approx(np.array(silent), abs=1e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [1.0, 8.0, 50.0])
def test_loyal_and_regular_customers_have_a_model(kind, shape):
    x, last, age, rate = simulated(shape)
    model = fit_purchases(kind, x, last, age)
    assert model.expected_orders(365, x, last, age).sum() == pytest.approx(365 * rate.sum(), rel=0.12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "history", [([10] * 60, [100] * 60, [100] * 60), ([0] * 60, [0] * 60, [100] * 60), ([1] * 60, [0] * 60, [0] * 60)]
)
def test_customers_who_are_all_alike_have_a_model(kind, history):
    model = fit_purchases(kind, *history)
    assert np.isfinite(model.expected_orders(365, *history)).all()
    silent = model.p_silent(365, *history)
    assert ((silent >= 0) & (silent <= 1)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_donors_asked_once_a_year_have_a_model(donations, kind):
    columns = [donations[name] for name in ("frequency", "recency", "periods", "weights")]
    assert np.isfinite(fit_purchases(kind, *columns).expected_orders(5, *columns[:3])).all()


@given(positive, positive, positive, positive, st.lists(histories, min_size=1, max_size=6))
def test_gradients_are_those_of_the_likelihoods(r, alpha, s, beta, rows):
    grouped = group_histories(*zip(*rows, strict=True))
    for likelihood, at in ((nbd.log_likelihood, (r, alpha)), (pareto_nbd.log_likelihood, (r, alpha, s, beta))):
        at = np.array(at)
        _value, gradient = likelihood(at, grouped)
        for i, step in enumerate(np.diag(at * 1e-5)):
            above, below = (likelihood(at + sign * step, grouped)[0] for sign in (1, -1))
            assert gradient[i] == pytest.approx((above - below) / (2 * step[i]), rel=5e-3, abs=5e-3)


@settings(max_examples=25)
@given(positive, positive, positive, positive, histories)
def test_the_odds_of_having_dropped_out_are_the_integral_over_when(r, alpha, s, beta, history):
    x, last, age = history

    def density(u):
        return s / (beta + u) * ((alpha + age) / (alpha + u)) ** (r + x) * ((beta + age) / (beta + u)) ** s

    odds = quad(density, last, age, limit=500)[0]
    alive = ParetoNbdModel(r, alpha, s, beta).p_alive([x], [last], [age])[0]
    assert alive == pytest.approx(1 / (1 + odds), abs=2e-4)


def models(parameters):
    r, alpha, s, beta = parameters
    yield NbdModel(r, alpha)
    yield ParetoNbdModel(r, alpha, s, beta)
    for at_start in (False, True):
        yield MODELS["bg_nbd"](r, alpha, s, beta, dropout_at_start=at_start)


@given(st.tuples(positive, positive, positive, positive), histories, st.floats(0.1, 400))
def test_silence_is_a_probability_that_falls_with_time_and_contains_being_gone(parameters, history, horizon):
    for model in models(parameters):
        rows = [[value] for value in history]
        near, far = (model.p_silent(t, *rows)[0] for t in (horizon, 2 * horizon))
        gone = 1 - model.p_alive(*rows)[0]
        # one comes from quadrature, the other from a hypergeometric series: they agree to the sixth digit
        assert gone - 1e-6 <= far <= near + 1e-6 <= 1 + 2e-6


@given(st.tuples(positive, positive, positive, positive), histories, st.floats(1, 400))
def test_who_is_silent_expects_no_order_and_who_is_not_at_least_one(parameters, history, horizon):
    for model in models(parameters):
        rows = [[value] for value in history]
        expected = model.expected_orders(horizon, *rows)[0]
        assert expected >= (1 - model.p_silent(horizon, *rows)[0]) * (1 - 1e-4) - 1e-9


def test_orders_by_parts_add_up_to_the_whole_and_follow_the_season():
    model = fit_purchases("pareto_nbd", *simulated(1.0)[:3])
    history = [3, 0], [200.0, 0.0], [300.0, 300.0]
    plain = Forecaster("pareto_nbd", model)
    assert plain.orders([91, 182, 364], *history)[:, -1] == pytest.approx(model.expected_orders(364, *history))
    seasonal = Forecaster("pareto_nbd", model, (2.0, 1.0, 1.0, 0.5))
    parts = np.diff(plain.orders([91, 182, 273, 364], *history), axis=1, prepend=0)
    assert seasonal.total(364, *history) == pytest.approx(parts @ np.array([2.0, 1.0, 1.0, 0.5]))
    assert seasonal.orders([400], *history).shape == (2, 1)


def test_a_forecaster_survives_json_and_one_of_before_says_what_it_said():
    model = fit_purchases("bg_nbd", *simulated(1.0)[:3])
    made = Forecaster("bg_nbd", model, (1.0, 2.0, 1.0, 1.0), Recalibration((0.1, 0.9), (0.2, 0.8)))
    assert Forecaster.from_json("bg_nbd", made.to_json()) == made
    before = Forecaster.from_json("bg_nbd", {**model.to_json(), "silence": None})
    history = [3], [200.0], [300.0]
    assert before.risk(*history) == pytest.approx(1 - model.p_alive(*history))
    assert before.total(365, *history) == pytest.approx(model.expected_orders(365, *history))
