"""The next moment at which a customer may be contacted is allowed, and none before it is."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from crm_plus_followup.engine.followup.hours import is_quiet, next_allowed

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)).map(lambda at: at.replace(second=0, microsecond=0))
ZONES = st.sampled_from([ZoneInfo(name) for name in ("UTC", "Asia/Tehran", "America/New_York", "Pacific/Auckland")])
HOURS = st.integers(0, 23)


def local(moment, zone):
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)


@given(MOMENTS, ZONES, HOURS, HOURS)
def test_the_moment_is_allowed_and_not_in_the_past(moment, zone, quiet_from, quiet_to):
    weekend = {
        date(2026, 1, 1) + timedelta(days=d) for d in range(400) if (date(2026, 1, 1) + timedelta(days=d)).weekday() > 4
    }
    found = next_allowed(moment, zone, quiet_from, quiet_to, weekend)
    there = local(found, zone)
    assert moment <= found <= moment + timedelta(days=5)
    assert there.date() not in weekend
    assert not is_quiet(there.hour + there.minute / 60, quiet_from, quiet_to) or _is_skipped_hour(there)


def _is_skipped_hour(there):
    """On the night on which the clock changes an hour does not exist, or is there twice."""
    return (
        there.utcoffset() != (there - timedelta(hours=24)).utcoffset()
        or there.utcoffset() != (there + timedelta(hours=24)).utcoffset()
    )


@given(MOMENTS, ZONES)
def test_without_limits_it_is_now(moment, zone):
    assert next_allowed(moment, zone, 0, 0) == moment


def test_a_day_off_ends_when_the_quiet_hours_of_the_next_day_do():
    zone = ZoneInfo("Asia/Tehran")
    moment = datetime(2026, 5, 1, 9)  # 12:30 on a Friday there
    found = local(next_allowed(moment, zone, 20, 8, {date(2026, 5, 1)}), zone)
    assert (found.date(), found.hour) == (date(2026, 5, 2), 8)
