from datetime import date, datetime

import pytest

from crm_plus.engine.interaction.ingest_rows import FIELDS, IngestRow, RowError, checkers, parse_row

NOW = datetime(2026, 5, 1, 12, 0)
OUTCOMES = ("done", "no_answer")
GOOD = {"external_ref": "call-1", "date": "2026-05-01T10:00:00Z", "email": "ann@example.com"}


def parse(**changes):
    row = {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}
    return parse_row(row, now=NOW, outcomes=OUTCOMES)


def test_a_small_row_is_enough():
    assert parse() == IngestRow("call-1", datetime(2026, 5, 1, 10), email="ann@example.com")


def test_a_full_row_is_taken_as_it_is():
    full = {
        "source": "telephony", "channel": "phone", "direction": "out", "partner_id": 3, "phone": "+32 2 123",
        "lead_id": 4, "user": "ann", "summary": "Call", "note": "two\nlines", "duration": 0.5, "outcome": "done",
        "amount": -12.5, "currency": "EUR", "company_id": 1,
    }  # fmt: skip
    row = parse(**full)
    assert {name: getattr(row, name) for name in full} == full


def test_every_field_has_a_checker():
    assert tuple(sorted(FIELDS)) == tuple(sorted(checkers(now=NOW, outcomes=())))


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10)),
        ("2026-05-01T10:00:00z", datetime(2026, 5, 1, 10)),
        ("2026-05-01T10:00:00", datetime(2026, 5, 1, 10)),
        ("2026-05-01 10:00", datetime(2026, 5, 1, 10)),
        ("2026-05-01T10:00:00.999+02:00", datetime(2026, 5, 1, 8)),
        ("2026-05-01T10:00:00+0330", datetime(2026, 5, 1, 6, 30)),
        ("2026-05-01T00:30:00+14", datetime(2026, 4, 30, 10, 30)),
        ("2026-05-01T01:00:00-09:30", datetime(2026, 5, 1, 10, 30)),
        # what a clock ahead of ours says is now
        ("2026-05-01T10:00:00-09:30", datetime(2026, 5, 1, 12)),
        ("2026-05-01", datetime(2026, 5, 1, 10)),
        ("2026-05-02", datetime(2026, 5, 2, 10)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1)),
        ("2026-05-02T12:00:00Z", datetime(2026, 5, 1, 12)),
    ],
)
def test_dates_become_utc(text, utc):
    assert parse(date=text).date == utc


def test_a_day_without_a_time_stays_a_day():
    assert parse(date="2026-05-01").day == date(2026, 5, 1)
    assert parse(date="2026-05-01T10:00:00Z").day is None
    # it has begun on the Line Islands
    assert parse(date="2026-05-02").day == date(2026, 5, 2)
    assert parse(date="2026-05-03").reason == "in_the_future"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("yesterday", "not_a_date"),
        ("2026-13-01", "not_a_date"),
        ("2026-02-30T10:00:00", "not_a_date"),
        ("2026-05-01T25:00:00", "not_a_date"),
        ("2026-05-01T10:00:00+15:00", "not_a_date"),
        ("2026-05-01T10:00:00+01:99", "not_a_date"),
        ("0001-01-01T00:00:00+14:00", "not_a_date"),
        ("٢٠٢٦-٠٥-٠١", "not_a_date"),
        ("2026-05-01'; DROP TABLE res_partner; --", "not_a_date"),
        ("2" * 1_000_000, "not_a_date"),
        (1_777_777_777, "not_a_date"),
        (["2026-05-01"], "not_a_date"),
        ("1969-12-31T23:59:59Z", "too_old"),
        ("2026-05-02T12:00:01Z", "in_the_future"),
        ("9999-12-31T23:59:59Z", "in_the_future"),
    ],
)
def test_what_is_no_date_of_an_interaction_is_refused(text, reason):
    error = parse(date=text)
    assert (error.field, error.reason) == ("date", reason)


@pytest.mark.parametrize("nothing", [None, False, ...])
def test_what_is_required_is_missing(nothing):
    assert parse(external_ref=nothing) == RowError("external_ref", "missing")
    assert parse(date=nothing) == RowError("date", "missing")
    assert parse(email=nothing) == RowError("partner_id", "no_customer")


def test_a_text_of_blanks_is_missing():
    assert parse(external_ref=" \n ") == RowError("external_ref", "missing")


@pytest.mark.parametrize("row", [None, 7, "row", [], [["external_ref", "x"]], True, float("nan")])
def test_what_is_no_object_is_refused(row):
    assert parse_row(row, now=NOW).reason == "not_an_object"


def test_a_field_that_does_not_exist_is_named():
    assert parse(**{"e-mail": "ann@example.com"}).field == "e-mail"
    assert parse_row({7: 8}, now=NOW).field == "7"
    assert len(parse(**{"x" * 1_000_000: 1}).field) == 60


@pytest.mark.parametrize(
    ("name", "limit"),
    [("external_ref", 255), ("source", 64), ("channel", 64), ("email", 320), ("phone", 64), ("user", 255),
     ("summary", 255), ("note", 20_000), ("currency", 3)],
)  # fmt: skip
def test_texts_have_a_limit(name, limit):
    assert getattr(parse(**{name: "x" * limit}), name) == "x" * limit
    error = parse(**{name: "x" * 1_048_576})
    assert error == RowError(name, "too_long", {"limit": limit, "length": 1_048_576})


@pytest.mark.parametrize("value", ["a\0b", "\ud800", "x\udfff"])
def test_texts_that_no_database_can_hold_are_refused(value):
    assert parse(summary=value) == RowError("summary", "not_writable")


JUNK = [[], {}, [1], {"a": [{"b": 1}]}, True, 1.5, float("nan"), float("inf"), 10**400, -1, 0, "1", [[[[]]]]]


@pytest.mark.parametrize("name", sorted(FIELDS))
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk)[:12])
def test_junk_is_answered_by_the_field_it_is_in(name, junk):
    result = parse(**{name: junk})
    assert isinstance(result, IngestRow) or result.field == name
    if isinstance(result, RowError):
        assert all(len(str(value)) <= 300 for value in result.values.values())


@pytest.mark.parametrize("name", ["partner_id", "lead_id", "company_id", "user"])
@pytest.mark.parametrize("value", [0, -1, 2**31, 1.0, True, [1]])
def test_what_is_no_id_is_refused(name, value):
    assert parse(**{name: value}).reason == "not_an_id"


@pytest.mark.parametrize(
    ("name", "value"), [("duration", -0.1), ("duration", 10_001), ("amount", 1e16), ("amount", float("nan"))]
)
def test_numbers_have_limits(name, value):
    assert parse(**{name: value}).reason == "out_of_range"


def test_markup_and_quotes_are_only_text():
    text = "<script>alert(1)</script> '); DROP TABLE res_partner; -- %s %(x)s"
    assert parse(summary=text).summary == text
