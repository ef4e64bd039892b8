"""Targets of a part of their period."""

from datetime import date

from crm_plus.engine.kpi.targets import share_of_target, target_shown

MAY = (date(2026, 5, 1), date(2026, 5, 31))


def test_a_flow_is_in_proportion_to_the_days_in_common():
    assert share_of_target(310, "flow", MAY, (date(2026, 4, 1), date(2026, 5, 10))) == 100
    assert share_of_target(310, "flow", MAY, MAY) == 310


def test_days_that_do_not_meet_have_no_target():
    assert share_of_target(310, "flow", MAY, (date(2026, 6, 1), date(2026, 6, 2))) is None
    assert target_shown("flow", [(310, *MAY)], (date(2026, 6, 1), date(2026, 6, 2))) is None
    assert target_shown("ratio", [(60, *MAY)], (date(2026, 5, 1), date(2026, 6, 2))) is None


def test_of_two_targets_of_a_ratio_the_one_that_began_last_counts():
    year = (date(2026, 1, 1), date(2026, 12, 31))
    assert target_shown("ratio", [(60, *MAY), (50, *year)], (date(2026, 5, 1), date(2026, 5, 20))) == 60
