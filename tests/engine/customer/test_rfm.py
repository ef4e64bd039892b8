import sqlite3
from math import ceil, floor, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.customer.rfm import (
    RfmScore,
    check_cuts,
    frequency_cuts,
    mid_rank_score,
    quantile_cuts,
    quantile_scores,
    recency_score,
    value_score,
)

values = st.lists(st.integers(-50, 50), max_size=60)

SQL_TWIN = """
    SELECT CASE WHEN k < n THEN 5 * k / (2 * n) + 1 ELSE (5 * k + 2 * n - 1) / (2 * n) END AS score
      FROM (SELECT id, rank() OVER w - 1 + count(*) OVER w AS k, count(*) OVER () AS n
              FROM customers WINDOW w AS (ORDER BY value)) AS ranked ORDER BY id
"""


@pytest.mark.parametrize(
    ("population", "scores"),
    [
        ([], []),
        ([7], [3]),
        ([1, 2], [2, 4]),
        ([1, 2, 3], [1, 3, 5]),
        ([1, 2, 3, 4], [1, 2, 4, 5]),
        ([10, 20, 30, 40, 50], [1, 2, 3, 4, 5]),
        ([5, 5, 5, 5], [3, 3, 3, 3]),
        ([1, 1, 1, 9], [2, 2, 2, 5]),
        ([1] * 80 + [2] * 20, [3] * 80 + [5] * 20),
        (list(range(10)), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]),
    ],
)
def test_tiny_and_degenerate_populations_have_scores(population, scores):
    assert quantile_scores(population) == scores


@given(values)
def test_equal_values_have_equal_scores_and_larger_ones_never_smaller_scores(population):
    pairs = sorted(zip(population, quantile_scores(population), strict=True))
    assert len(set(pairs)) == len(set(population))
    assert [score for _value, score in pairs] == sorted(score for _value, score in pairs)


@given(values, st.randoms())
def test_scores_do_not_depend_on_the_order_of_the_customers(population, random):
    score_of = dict(zip(population, quantile_scores(population), strict=True))
    shuffled = random.sample(population, len(population))
    assert quantile_scores(shuffled) == [score_of[value] for value in shuffled]


@given(values)
def test_scores_are_symmetric(population):
    assert [6 - score for score in quantile_scores([-value for value in population])] == quantile_scores(population)


@given(values)
def test_cut_points_give_the_scores_they_were_derived_from(population):
    cuts = quantile_cuts(population)
    assert [value_score(value, cuts=cuts) for value in population] == quantile_scores(population)


@given(values)
def test_the_sql_twin_gives_the_same_scores(population):
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE customers (id integer, value integer)")
        database.executemany("INSERT INTO customers VALUES (?, ?)", list(enumerate(population)))
        assert [score for (score,) in database.execute(SQL_TWIN)] == quantile_scores(population)
    database.close()


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.integers(1, n), st.just(n))))
def test_the_score_is_the_fifth_in_which_the_mid_rank_lies(ranks):
    below, upto, n = ranks
    if below < upto:
        share = 5 * (below + upto) / (2 * n)
        assert mid_rank_score(below, upto, n) in (floor(share) + 1, ceil(share))


def test_every_fifth_of_distinct_values_has_its_score():
    scores = quantile_scores(range(1000))
    assert [scores.count(score) for score in (1, 2, 3, 4, 5)] == [200] * 5


def test_without_customers_the_cut_points_are_infinite():
    assert quantile_cuts([]) == (inf,) * 4


@pytest.mark.parametrize(
    ("orders", "scores"),
    [
        ([1], [1]),
        ([1, 1, 1, 1, 1], [1, 1, 1, 1, 1]),
        ([1, 1, 1, 1, 2], [1, 1, 1, 1, 5]),
        ([1] * 52 + [2] * 18 + [3] * 10 + [9] * 20, [1] * 52 + [4] * 28 + [5] * 20),
        ([4, 4, 4], [3, 3, 3]),
        ([2, 3, 4, 5, 6], [1, 2, 3, 4, 5]),
    ],
)
def test_who_ordered_once_scores_one_for_frequency_however_many_did(orders, scores):
    cuts = frequency_cuts(orders)
    assert [value_score(count, cuts=cuts) for count in orders] == scores


@given(st.lists(st.integers(2, 50), max_size=60))
def test_customers_who_all_came_back_score_by_fifths_for_frequency(orders):
    assert frequency_cuts(orders) == quantile_cuts(orders)


def test_a_boundary_age_still_has_the_better_score():
    assert [recency_score(days, cuts=(7, 30, 90, 365)) for days in (0, 7, 30, 90, 365, 10_000)] == [5, 5, 4, 3, 2, 1]


def test_a_boundary_value_already_has_the_better_score():
    assert [value_score(value, cuts=(2, 3, 5, 10)) for value in (0, 2, 3, 5, 10, 11)] == [1, 2, 3, 4, 5, 5]


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60), st.integers(0, 400))
def test_ages_score_as_the_dates_they_come_from(dates, today_after):
    today = max(dates) + today_after
    negative_ages = [day - today for day in dates]
    assert quantile_scores(negative_ages) == quantile_scores(dates)


@pytest.mark.parametrize("cuts", [(), (1, 2, 3), (1, 3, 2, 4), (1, 2, 3, 4, 5)])
def test_cut_points_that_do_not_rise_or_are_not_four_are_refused(cuts):
    with pytest.raises(ValueError, match="four rising cut-points"):
        check_cuts(cuts)


def test_a_score_outside_one_to_five_is_refused():
    with pytest.raises(ValueError, match="1 to 5"):
        RfmScore(0, 3, 3)
