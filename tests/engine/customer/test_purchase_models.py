import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from crm_plus.engine.customer.abstention import CannotFit, Reason
from crm_plus.engine.customer.bgnbd import PurchaseModel
from crm_plus.engine.customer.bgnbd_fit import log_likelihood
from crm_plus.engine.customer.histories import group_histories
from crm_plus.engine.customer.purchase import summarize
from crm_plus.engine.customer.purchase_fit import KINDS, fit_purchases

EXACT = {"prior_spread": None}  # the maximum of the likelihood alone, as published
KIND = {False: "bg_nbd", True: "mbg_nbd"}

positive = st.floats(0.05, 20)
models = st.builds(PurchaseModel, positive, positive, positive, positive, st.booleans())
histories = st.tuples(st.integers(0, 60), st.floats(0, 1), st.floats(1, 400)).map(
    lambda row: (row[0], row[1] * row[2] if row[0] else 0.0, row[2])
)


@pytest.fixture(scope="module")
def bgnbd(cdnow):
    return fit_purchases("bg_nbd", cdnow["x"], cdnow["t_x"], cdnow["T"], **EXACT)


def test_bg_nbd_reproduces_the_published_cdnow_estimates(bgnbd):
    assert (bgnbd.r, bgnbd.alpha, bgnbd.a, bgnbd.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=5e-4)
    assert bgnbd.log_likelihood == pytest.approx(-9582.4, abs=0.05)


def test_bg_nbd_expects_the_published_1_226_orders_of_the_first_cdnow_customer(bgnbd):
    assert bgnbd.expected_orders(39, [2], [30.43], [38.86])[0] == pytest.approx(1.226, abs=5e-4)


@pytest.mark.parametrize("dropout_at_start", [False, True])
def test_parameters_and_predictions_agree_with_lifetimes_on_cdnow(cdnow, dropout_at_start):
    lifetimes = pytest.importorskip("lifetimes")
    x, t_x, age = cdnow["x"], cdnow["t_x"], cdnow["T"]
    theirs = lifetimes.ModifiedBetaGeoFitter() if dropout_at_start else lifetimes.BetaGeoFitter()
    theirs.fit(x, t_x, age)
    ours = fit_purchases(KIND[dropout_at_start], x, t_x, age, **EXACT)
    assert [ours.r, ours.alpha, ours.a, ours.b] == pytest.approx(list(theirs.params_), rel=1e-3)
    assert ours.p_alive(x, t_x, age) == pytest.approx(theirs.conditional_probability_alive(x, t_x, age), rel=1e-3)
    for horizon in (1, 39, 200):
        expected = theirs.conditional_expected_number_of_purchases_up_to_time(horizon, x, t_x, age)
        assert ours.expected_orders(horizon, x, t_x, age) == pytest.approx(np.asarray(expected), rel=1e-3)
        newcomer = theirs.expected_number_of_purchases_up_to_time(horizon)
        assert ours.expected_orders(horizon, [0], [0], [0])[0] == pytest.approx(newcomer, rel=1e-3)


@pytest.mark.parametrize("dropout_at_start", [False, True])
@pytest.mark.parametrize("log", ["cdnow_log", "example_log"])
def test_parameters_agree_with_lifetimes_on_its_transaction_logs(request, log, dropout_at_start):
    lifetimes = pytest.importorskip("lifetimes")
    customers, days, amounts = request.getfixturevalue(log)
    summary = summarize(customers, days, amounts, days.min() + 272)
    history = summary.frequency, summary.recency, summary.age
    theirs = lifetimes.ModifiedBetaGeoFitter() if dropout_at_start else lifetimes.BetaGeoFitter()
    theirs.fit(*history)
    ours = fit_purchases(KIND[dropout_at_start], *history, **EXACT)
    assert [ours.r, ours.alpha, ours.a, ours.b] == pytest.approx(list(theirs.params_), rel=1e-3)


@pytest.mark.parametrize(("dropout_at_start", "parameter"), [(False, "a"), (True, "r")])
def test_donations_have_no_maximum_and_are_refused(donations, dropout_at_start, parameter):
    """They are donors asked once a year: a discrete process that neither model describes."""
    columns = [donations[name] for name in ("frequency", "recency", "periods", "weights")]
    with pytest.raises(CannotFit) as refusal:
        fit_purchases(KIND[dropout_at_start], *columns, **EXACT)
    assert (refusal.value.reason, refusal.value.detail) == (Reason.NO_INTERIOR_OPTIMUM, parameter)


def test_weights_count_as_so_many_customers(cdnow, bgnbd):
    history = [cdnow[name] for name in ("x", "t_x", "T")]
    twice = fit_purchases("bg_nbd", *history, np.full(len(cdnow), 2), **EXACT)
    assert (twice.customers, twice.log_likelihood) == (2 * 2357, pytest.approx(2 * bgnbd.log_likelihood))
    assert twice.r == pytest.approx(bgnbd.r, rel=1e-6)


@given(models, st.lists(histories, min_size=1, max_size=8))
def test_the_gradient_is_that_of_the_likelihood(model, rows):
    grouped = group_histories(*zip(*rows, strict=True))
    at = np.array([model.r, model.alpha, model.a, model.b])
    start = model.dropout_at_start
    _value, gradient = log_likelihood(at, grouped, dropout_at_start=start)
    for i, step in enumerate(np.diag(at * 1e-6)):
        above, below = (log_likelihood(at + s * step, grouped, dropout_at_start=start)[0] for s in (1, -1))
        assert gradient[i] == pytest.approx((above - below) / (2 * step[i]), rel=1e-3, abs=1e-3)


@given(models, st.lists(histories, min_size=1, max_size=8))
def test_grouping_does_not_change_the_likelihood(model, rows):
    at = [model.r, model.alpha, model.a, model.b]
    one_by_one = sum(
        log_likelihood(at, group_histories([x], [t_x], [age]), dropout_at_start=model.dropout_at_start)[0]
        for x, t_x, age in rows
    )
    together = group_histories(*zip(*rows * 3, strict=True))
    assert log_likelihood(at, together, dropout_at_start=model.dropout_at_start)[0] == pytest.approx(3 * one_by_one)


@given(models, histories)
def test_p_alive_is_a_probability_and_falls_with_silence(model, history):
    x, t_x, age = history
    now, later = model.p_alive([x, x], [t_x, t_x], [age, age + 50])
    assert 0 <= later <= now <= 1


@given(models, histories, st.floats(0.1, 400))
def test_expected_orders_grow_with_the_horizon_and_never_exceed_those_of_the_immortal(model, history, horizon):
    x, t_x, age = history
    near, far = (model.expected_orders(t, [x], [t_x], [age])[0] for t in (horizon, 2 * horizon))
    immortal = (model.r + x) / (model.alpha + age) * horizon
    assert 0 <= near <= immortal * (1 + 1e-6)
    assert near <= far * (1 + 1e-5)


@pytest.mark.parametrize("a", [0.05, 0.8, 1.0, 1.0 + 1e-9, 4.0])
@pytest.mark.parametrize("horizon", [1.0, 40.0, 400.0])
def test_expected_orders_are_the_integral_over_the_dropout_probability(a, horizon):
    model = PurchaseModel(0.5, 5.0, a, 2.0, dropout_at_start=True)
    x, age = 3, 20.0
    tau = horizon / (model.alpha + age)

    def integrand(v):  # p = v ** (1 / a) takes the singularity away
        p = v ** (1 / a)
        return (1 - p) ** (model.b + x) * -np.expm1(-(model.r + x) * np.log1p(p * tau)) / p

    def density(v):
        return (1 - v ** (1 / a)) ** (model.b + x)

    exact = quad(integrand, 0, 1, epsabs=0, limit=500)[0] / quad(density, 0, 1, epsabs=0, limit=500)[0]
    assert model.expected_orders_if_alive(horizon, x, age)[0, 0] == pytest.approx(exact, rel=1e-6)


def test_a_customer_with_thousands_of_orders_has_a_number():
    model = PurchaseModel(0.5, 5.0, 0.9, 2.0, dropout_at_start=True)
    assert 300 < model.expected_orders(365, [5000], [3650], [3650])[0] < 500


def test_parameters_recover_a_simulated_population():
    rng = np.random.default_rng(7)
    x, t_x, age = simulate(rng, 40_000, r=0.6, alpha=20.0, a=0.9, b=2.5)
    model = fit_purchases("mbg_nbd", x, t_x, age)
    assert (model.r, model.alpha, model.a, model.b) == pytest.approx((0.6, 20.0, 0.9, 2.5), rel=0.15)


def simulate(rng, n, *, r, alpha, a, b):
    """Customers of the MBG/NBD process in continuous time."""
    age = rng.uniform(100, 700, n)
    rate, dropout = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    x, t_x, clock = np.zeros(n), np.zeros(n), np.zeros(n)
    active = np.flatnonzero(rng.random(n) > dropout)
    while len(active):
        clock[active] += rng.exponential(1 / np.maximum(rate[active], 1e-12))
        active = active[clock[active] <= age[active]]
        x[active] += 1
        t_x[active] = clock[active]
        active = active[rng.random(len(active)) > dropout[active]]
    return x, t_x, age


def test_the_fit_does_not_depend_on_the_order_of_the_customers(cdnow, bgnbd):
    order = np.random.default_rng(3).permutation(len(cdnow))
    shuffled = fit_purchases("bg_nbd", *(cdnow[name][order] for name in ("x", "t_x", "T")), **EXACT)
    assert shuffled.to_json() == pytest.approx(bgnbd.to_json(), rel=1e-6)


def test_the_fit_scales_with_the_unit_of_time(cdnow, bgnbd):
    days = fit_purchases("bg_nbd", cdnow["x"], cdnow["t_x"] * 7, cdnow["T"] * 7, **EXACT)
    assert (days.r, days.alpha / 7) == pytest.approx((bgnbd.r, bgnbd.alpha), rel=1e-4)


def test_a_model_survives_json(bgnbd):
    assert PurchaseModel.from_json(bgnbd.to_json()) == bgnbd


@pytest.mark.parametrize("kind", KINDS)
def test_too_few_customers_are_reported_with_the_shortfall(kind):
    with pytest.raises(CannotFit, match=r"40 customers, 50 are needed \(10 more\)") as refusal:
        fit_purchases(kind, [1] * 40, [3] * 40, [9] * 40)
    assert (refusal.value.reason, refusal.value.found, refusal.value.needed) == (Reason.TOO_FEW_CUSTOMERS, 40, 50)


def test_nobody_at_all_is_too_few():
    with pytest.raises(CannotFit, match="0 customers"):
        fit_purchases("mbg_nbd", [], [], [])


def test_data_without_a_maximum_are_refused_with_the_parameter_where_there_is_no_prior():
    with pytest.raises(CannotFit) as refusal:
        fit_purchases("mbg_nbd", [10] * 300, [100] * 300, [100] * 300, **EXACT)
    assert refusal.value.reason in (Reason.NO_INTERIOR_OPTIMUM, Reason.NOT_CONVERGED)
    assert str(refusal.value)


@pytest.mark.parametrize(
    "history",
    [([-1], [0], [9]), ([1.5], [3], [9]), ([1], [10], [9]), ([1], [-1], [9]), ([0], [1], [9]), ([1], [np.nan], [9])],
)
def test_what_is_no_history_is_refused(history):
    with pytest.raises(ValueError, match=r"orders|order|finite"):
        group_histories(*history)


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="equally long"):
        group_histories([1, 2], [1], [2])
