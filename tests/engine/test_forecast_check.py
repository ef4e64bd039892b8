import numpy as np
import pytest

from crm_plus.engine.forecast_check import forecast_by_history


def test_the_groups_hold_every_customer_and_every_order():
    rng = np.random.default_rng(3)
    frequency = rng.geometric(0.3, 500) - 1
    forecast, came, repeated = rng.random(500), rng.poisson(1, 500), rng.poisson(2, 500)
    groups = forecast_by_history(frequency, forecast, came, repeated)
    assert sum(group.customers for group in groups) == 500
    for name, values in (("forecast", forecast), ("came", came), ("repeated", repeated)):
        total = sum(group.customers * getattr(group, name) for group in groups)
        assert total == pytest.approx(values.sum())


def test_groups_rise_and_the_last_one_holds_all_who_ordered_more():
    groups = forecast_by_history([0, 3, 6, 7, 400], np.ones(5), np.ones(5), np.ones(5))
    assert [(group.orders, group.customers) for group in groups] == [(1, 1), (4, 1), (7, 3)]


def test_without_customers_there_are_no_groups():
    assert forecast_by_history([], [], [], []) == ()
