import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.customer.abstention import CannotFit, Reason
from crm_plus.engine.customer.bgnbd import PurchaseModel
from crm_plus.engine.customer.clv import Horizon, outlook
from crm_plus.engine.customer.forecaster import Forecaster
from crm_plus.engine.customer.gamma_gamma import ValueModel, fit_values, group_values, log_likelihood, rank_correlation
from crm_plus.engine.customer.purchase import PurchaseSummary
from crm_plus.engine.customer.purchase_fit import fit_purchases

positive = st.floats(0.2, 30)


@pytest.fixture(scope="module")
def values(cdnow):
    return fit_values(cdnow["x"], cdnow["zbar"])


def summary_of(cdnow, n=None):
    return PurchaseSummary(np.arange(len(cdnow))[:n], *(cdnow[name][:n] for name in ("x", "t_x", "T", "zbar")))


def test_gamma_gamma_reproduces_the_published_cdnow_estimates(values):
    assert (values.p, values.q, values.v) == pytest.approx((6.25, 3.74, 15.44), abs=0.01)
    assert values.customers == 946


def test_the_population_mean_is_that_of_the_published_estimates(values):
    assert values.population_mean == pytest.approx(6.25 * 15.44 / (3.74 - 1), abs=0.1)


def test_parameters_and_values_agree_with_lifetimes(cdnow, values):
    lifetimes = pytest.importorskip("lifetimes")
    repeaters = cdnow[cdnow["x"] > 0]
    theirs = lifetimes.GammaGammaFitter().fit(repeaters["x"], repeaters["zbar"])
    assert [values.p, values.q, values.v] == pytest.approx(list(theirs.params_), rel=1e-3)
    expected = theirs.conditional_expected_average_profit(cdnow["x"], cdnow["zbar"])
    assert values.order_value(cdnow["x"], cdnow["zbar"]) == pytest.approx(np.asarray(expected), rel=1e-3)


def test_lifetime_values_agree_with_lifetimes(cdnow, values):
    lifetimes = pytest.importorskip("lifetimes")
    pandas = pytest.importorskip("pandas")
    repeaters = cdnow[cdnow["x"] > 0]
    counts = lifetimes.BetaGeoFitter().fit(cdnow["x"], cdnow["t_x"], cdnow["T"])
    amounts = lifetimes.GammaGammaFitter().fit(repeaters["x"], repeaters["zbar"])
    series = [pandas.Series(cdnow[name]) for name in ("x", "t_x", "T", "zbar")]
    theirs = amounts.customer_lifetime_value(counts, *series, time=12, discount_rate=0.01, freq="W")
    ours = Forecaster("bg_nbd", fit_purchases("bg_nbd", cdnow["x"], cdnow["t_x"], cdnow["T"], prior_spread=None))
    horizon = Horizon(months=12, monthly_discount=0.01, month_length=4.345)
    assert outlook(summary_of(cdnow), ours, values, horizon).lifetime_value == pytest.approx(theirs, rel=1e-3)


@given(positive, positive, positive, st.lists(st.tuples(st.integers(1, 40), st.floats(0.1, 500)), min_size=1))
def test_the_gradient_is_that_of_the_likelihood(p, q, v, rows):
    grouped, at = group_values(*zip(*rows, strict=True)), np.array([p, q, v])
    _value, gradient = log_likelihood(at, grouped)
    for i, step in enumerate(np.diag(at * 1e-6)):
        slope = (log_likelihood(at + step, grouped)[0] - log_likelihood(at - step, grouped)[0]) / (2 * step[i])
        assert gradient[i] == pytest.approx(slope, rel=1e-3, abs=1e-3)


@given(st.integers(1, 1000), st.floats(0, 1e6))
def test_the_expected_order_value_lies_between_the_customers_own_and_the_populations(x, value):
    model = ValueModel(6.25, 3.74, 15.44)
    low, high = sorted((value, model.population_mean))
    assert low * (1 - 1e-9) <= model.order_value([x], [value])[0] <= high * (1 + 1e-9)


def test_the_correlation_of_frequency_and_value_is_reported(values):
    assert 0 < values.correlation < 0.3


def test_ties_share_their_rank_as_in_scipy():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(1)
    left, right = rng.integers(0, 5, 200), rng.integers(0, 7, 200)
    assert rank_correlation(left, right) == pytest.approx(stats.spearmanr(left, right).statistic)
    assert rank_correlation([1, 1], [1, 2]) == 0


def test_values_that_depend_on_frequency_are_refused():
    rng = np.random.default_rng(2)
    x = rng.integers(1, 20, 500)
    with pytest.raises(CannotFit, match="order value depends on order frequency") as refusal:
        fit_values(x, 10.0 * x + rng.random(500))
    assert refusal.value.reason == Reason.VALUE_DEPENDS_ON_FREQUENCY
    assert refusal.value.found > 0.9


def test_too_few_repeaters_are_refused_with_the_shortfall():
    with pytest.raises(CannotFit, match="2 customers who ordered again, 30 are needed"):
        fit_values([1, 2, 0], [10, 20, 0])


def test_identical_values_have_no_maximum_and_are_refused():
    with pytest.raises(CannotFit) as refusal:
        fit_values([1] * 200, [10.0] * 200)
    assert refusal.value.reason in (Reason.NO_INTERIOR_OPTIMUM, Reason.NOT_CONVERGED)


def test_a_mean_without_a_finite_estimate_is_refused():
    rng = np.random.default_rng(5)
    x = rng.integers(1, 9, 3000)
    with pytest.raises(CannotFit) as refusal:
        fit_values(x, rng.gamma(6.0 * x, 1 / (x * rng.gamma(0.7, 1 / 15, size=3000))))
    assert refusal.value.reason == Reason.INFINITE_MEAN_VALUE


def test_customers_whose_refunds_exceed_their_orders_are_counted_and_left_out(cdnow, values):
    x, value = np.append(cdnow["x"], [3, 3]), np.append(cdnow["zbar"], [-5.0, 0.0])
    model = fit_values(x, value)
    assert model.excluded == 2
    assert model.p == pytest.approx(values.p, rel=1e-6)
    assert (model.order_value([3], [-5.0]) >= 0).all()


def test_a_value_model_survives_json(values):
    assert ValueModel.from_json(values.to_json()) == values


def test_without_a_value_model_there_are_no_values(cdnow):
    model = Forecaster("bg_nbd", PurchaseModel(0.243, 4.414, 0.793, 2.426, dropout_at_start=False))
    result = outlook(summary_of(cdnow, 5), model, None, Horizon(month_length=4.345))
    assert result.order_value is None
    assert result.lifetime_value is None
    assert len(result.orders) == 5


def test_the_outlook_of_one_customer_does_not_depend_on_the_others(cdnow, values):
    model = Forecaster("mbg_nbd", PurchaseModel(0.525, 6.183, 0.891, 1.614, dropout_at_start=True))
    horizon = Horizon(month_length=4.345)
    together = outlook(summary_of(cdnow, 50), model, values, horizon)
    alone = outlook(summary_of(cdnow, 1), model, values, horizon)
    assert alone.lifetime_value[0] == pytest.approx(together.lifetime_value[0], rel=1e-12)
    assert alone.orders[0] == pytest.approx(together.orders[0], rel=1e-12)


def test_a_discount_only_takes_away(cdnow, values):
    model = Forecaster("mbg_nbd", PurchaseModel(0.525, 6.183, 0.891, 1.614, dropout_at_start=True))
    plain, discounted = (
        outlook(summary_of(cdnow), model, values, Horizon(12, rate, 4.345)).lifetime_value for rate in (0.0, 0.02)
    )
    assert (discounted < plain).all()
    result = outlook(summary_of(cdnow), model, values, Horizon(12, 0.0, 4.345))
    assert plain == pytest.approx(result.orders * result.order_value)
    assert result.churn_risk == pytest.approx(model.risk(*(cdnow[name] for name in ("x", "t_x", "T"))))
    assert (result.churn_risk >= 1 - result.p_alive).all()


def test_nobody_has_an_empty_outlook(values):
    empty = np.array([])
    nobody = PurchaseSummary(empty, empty, empty, empty, empty)
    model = Forecaster("mbg_nbd", PurchaseModel(0.525, 6.183, 0.891, 1.614, dropout_at_start=True))
    assert outlook(nobody, model, values, Horizon()).lifetime_value.shape == (0,)


@pytest.mark.parametrize("arguments", [{"months": 0}, {"monthly_discount": -1.0}, {"month_length": 0.0}])
def test_an_impossible_horizon_is_refused(arguments):
    with pytest.raises(ValueError, match="horizon"):
        Horizon(**arguments)
