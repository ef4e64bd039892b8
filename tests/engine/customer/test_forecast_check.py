from itertools import pairwise

import numpy as np
import pytest

from crm_plus.engine.customer.bgnbd import PurchaseModel
from crm_plus.engine.customer.forecast_check import forecast_by_history, forecast_course
from crm_plus.engine.customer.forecaster import Forecaster


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


def test_the_course_ends_where_the_forecast_for_the_whole_time_does():
    rng = np.random.default_rng(4)
    model = Forecaster("mbg_nbd", PurchaseModel(0.5, 60.0, 0.8, 2.5, dropout_at_start=True))
    frequency, age = rng.poisson(2, 400), rng.integers(100, 400, 400)
    history = frequency, np.where(frequency, age // 2, 0), age
    came = {int(day): int(n) for day, n in zip(range(1, 101), rng.poisson(3, 100), strict=True)}
    for days in (28, 30, 100):
        course = forecast_course(model, history, came, 90, days)
        assert [point.day for point in course] == [*range(7, days, 7), days]
        assert course[-1].forecast == pytest.approx(model.total(days, *history).sum())
        assert course[-1].came == sum(n for day, n in came.items() if day <= days)
        assert course[-1].repeated == 90
        assert all(one.forecast < other.forecast for one, other in pairwise(course))
