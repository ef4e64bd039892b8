"""Points proposed for traits of leads."""

import random

import pytest

from crm_plus.engine.score.proposals import HIGHEST, LOWEST, Counts, proposed_points

EVERYBODY = Counts(won=200, lost=200)


def test_more_of_a_good_thing_is_worth_more():
    points = [proposed_points(Counts(won, 50 - won), EVERYBODY) for won in range(51)]
    assert points == sorted(points)
    assert (points[0], points[25], points[50]) == (LOWEST, 0, HIGHEST)


def test_the_opposite_has_the_opposite_points():
    for won, lost in ((32, 18), (18, 32), (60, 35)):
        having = Counts(won, lost)
        points = proposed_points(having, EVERYBODY)
        assert points
        assert proposed_points(EVERYBODY - having, EVERYBODY) == -points


@pytest.mark.parametrize("having", [Counts(9, 0), Counts(200, 191), Counts(0, 0), Counts(200, 200)])
def test_few_leads_on_either_side_say_nothing(having):
    assert proposed_points(having, EVERYBODY) == 0


def test_the_same_share_of_fewer_leads_gives_fewer_points():
    few, many = proposed_points(Counts(14, 4), EVERYBODY), proposed_points(Counts(140, 40), EVERYBODY)
    assert 0 < few < many


def test_chance_gives_points_as_rarely_as_it_says():
    chance = random.Random(7)
    found = 0
    for _ in range(2000):
        having = Counts(sum(chance.random() < 0.3 for _lead in range(60)), 0)
        having = Counts(having.won, 60 - having.won)
        others = sum(chance.random() < 0.3 for _lead in range(240))
        found += bool(proposed_points(having, having_and(having, others)))
    assert found / 2000 < 0.13


def having_and(having, won):
    return Counts(having.won + won, having.lost + 240 - won)
