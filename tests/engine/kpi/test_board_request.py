"""A request of the overview is a period and known filters, or refused."""

from datetime import date

import pytest

from crm_plus.engine.checks import RefusedValue
from crm_plus.engine.kpi.board_request import board_request

MAY = {"date_from": "2026-05-01", "date_to": "2026-05-31"}


def test_the_period_before_is_as_long():
    assert board_request(MAY).before == (date(2026, 3, 31), date(2026, 4, 30))


@pytest.mark.parametrize(
    "given",
    [
        None, {}, {"date_from": "2026-05-01"}, MAY | {"date_to": "2026-04-30"}, MAY | {"date_from": "1000-01-01"},
        MAY | {"team_id": "3"}, MAY | {"team_id": True}, MAY | {"password": 1}, {"date_from": 7, "date_to": 8},
    ],
)  # fmt: skip
def test_what_is_refused(given):
    with pytest.raises(RefusedValue):
        board_request(given)


def test_figures_are_recorded_by_one_segment_tier_or_team():
    assert board_request(MAY | {"team_id": False}).recorded_by is None
    assert board_request(MAY | {"tier_id": 4}).recorded_by == ("tier_id", 4)
    for given in ({"user_id": 2}, {"tier_id": 4, "team_id": 1}):
        with pytest.raises(LookupError):
            _ = board_request(MAY | given).recorded_by
