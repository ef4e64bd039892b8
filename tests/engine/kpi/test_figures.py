"""Days of figures add up as the figure says."""

import pytest

from crm_plus.engine.kpi import figures


def test_a_ratio_of_several_days_is_that_of_their_sums_not_the_mean_of_their_ratios():
    average = figures.BY_CODE["average_order"]
    assert average.value([(1000, 1), (100, 10)]) == 100  # the mean of 1000 and 10 is 505


def test_a_stock_is_the_mean_of_its_days_a_flow_their_sum():
    days = [(10, None), (14, None)]
    assert figures.BY_CODE["customers"].value(days) == 12
    assert figures.BY_CODE["orders"].value(days) == 24


@pytest.mark.parametrize("figure", figures.FIGURES, ids=lambda figure: figure.code)
def test_each_figure_says_what_it_needs(figure):
    assert figure.kind in ("flow", "stock", "ratio")
    assert figure.unit in ("count", "money", "percent", "points", "hours")
    assert figure.better in (-1, 0, 1)
    assert figure.value([]) is None


def test_codes_are_unique_and_those_without_a_past_are_figures():
    assert len(figures.BY_CODE) == len(figures.FIGURES)
    assert figures.BY_CODE.keys() >= figures.SINCE_RECORDED


def test_a_change_from_below_zero_goes_up():
    assert figures.change(-50, -100) == 50
    assert figures.change(0, 10) == -100
