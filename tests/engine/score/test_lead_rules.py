from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_plus.engine.score import rules

POINTS = st.decimals(min_value=-500, max_value=500, places=3)
CAPS = st.none() | st.decimals(min_value=0, max_value=100, places=2)


@given(st.lists(st.tuples(POINTS, CAPS, st.sampled_from([None, "a", "b"])), max_size=8), CAPS)
def test_lines_add_up_to_a_score_between_0_and_100(parts, group_cap):
    given_rules = [rules.RulePoints(str(i), points, cap, group) for i, (points, cap, group) in enumerate(parts)]
    score = rules.add_up(given_rules, {"a": group_cap} if group_cap is not None else None)
    assert sum((line.points for line in score.lines), Decimal(0)) == score.score
    assert 0 <= score.score <= 100


def test_a_group_cap_is_shown_as_its_own_line():
    mails = [rules.RulePoints("open", Decimal(30), group="mail"), rules.RulePoints("click", Decimal(20), group="mail")]
    score = rules.add_up(mails, {"mail": Decimal(40)})
    assert score.score == 40
    assert score.lines[-1] == rules.ScoreLine("group_cap", "mail", Decimal("-10.00"))


def test_a_negative_total_is_clipped_to_zero_by_a_line():
    score = rules.add_up([rules.RulePoints("silence", Decimal("-12.50"))])
    assert score.score == 0
    assert score.lines[-1] == rules.ScoreLine("clip", "", Decimal("12.50"))


@pytest.mark.parametrize(
    ("age", "half_life", "expected"),
    [(0, 7, "8.00"), (7, 7, "4.00"), (14, 7, "2.00"), (3.5, 7, "5.66"), (9999, 7, "0.00")],
)
def test_points_halve_with_every_half_life(age, half_life, expected):
    assert str(rules.event_points(Decimal(8), age, half_life)) == expected


def test_points_are_rounded_half_away_from_zero_after_the_factor():
    assert rules.event_points(Decimal("0.01"), 1, 1) == Decimal("0.01")
    assert rules.event_points(Decimal("-0.01"), 1, 1) == Decimal("-0.01")


@pytest.mark.parametrize("half_life", [0, -1, float("nan")])
def test_a_half_life_must_be_positive(half_life):
    with pytest.raises(ValueError, match="half-life"):
        rules.decay_factor(1, half_life)


@given(st.decimals(0, 100, places=2), st.decimals(0, 100, places=2), st.decimals(0, 1, places=2))
def test_fit_and_engagement_add_up_to_a_lead_score_within_bounds(fit, engagement, weight):
    assert 0 <= sum(rules.lead_score(fit, engagement, weight)) <= 100


def test_thresholds_that_do_not_fall_are_refused():
    with pytest.raises(ValueError, match="falling order"):
        rules.grade(Decimal(1), Decimal(1), (Decimal(10), Decimal(20), Decimal(30)))
