from datetime import date

import pytest

from crm_plus.engine.interaction.timeline_request import (
    RequestError,
    parse_cursor,
    parse_filters,
    parse_limit,
    parse_scope,
)

JUNK = [7, "x", [[]], {"a": 1}, True, 1.5, float("nan"), "x'; DROP TABLE res_partner; --", [None], ["1"], [10**30]]


def refusal(function, *arguments):
    with pytest.raises(RequestError) as refused:
        function(*arguments)
    return refused.value.field, refused.value.reason


def test_filters_are_kept_when_they_are_set():
    filters = {"channel_ids": [1, 2], "direction": "in", "date_from": "2026-05-01", "search": " order ", "user_ids": []}
    assert parse_filters(filters) == {
        "channel_ids": [1, 2], "direction": "in", "date_from": date(2026, 5, 1), "search": "order",
    }  # fmt: skip


@pytest.mark.parametrize("nothing", [None, {}, False])
def test_no_filters_are_no_filters(nothing):
    assert parse_filters(nothing) == {}


@pytest.mark.parametrize("name", ["channel_ids", "partner_ids", "user_ids", "date_from", "date_to", "direction"])
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk)[:12])
def test_junk_in_a_filter_is_named(name, junk):
    assert refusal(parse_filters, {name: junk})[0] == name


def test_an_unknown_filter_is_named():
    assert refusal(parse_filters, {"1=1; --": 1}) == ("1=1; --", "unknown_field")
    assert refusal(parse_filters, [["name", "=", "x"]]) == ("filters", "not_an_object")


def test_a_search_has_a_limit():
    assert refusal(parse_filters, {"search": "x" * 201}) == ("search", "too_long")
    assert refusal(parse_filters, {"search": ["x"]}) == ("search", "not_a_text")


@pytest.mark.parametrize("text", ["2026-02-30", "0001-01-01", "9999-12-31", "2026-05-01T10:00:00"])
def test_a_day_is_a_day(text):
    assert refusal(parse_filters, {"date_to": text}) == ("date_to", "not_a_day")


@pytest.mark.parametrize("scope", [None, 7, [], "partner_id", {}, {"partner_id": False}])
def test_a_scope_is_needed(scope):
    assert refusal(parse_scope, scope)[0] == "scope"


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk)[:12])
def test_a_scope_is_a_record(junk):
    if junk != 7:
        assert refusal(parse_scope, {"lead_id": junk}) == ("lead_id", "not_an_id")


@pytest.mark.parametrize(
    "junk",
    [
        *JUNK, [], ["2026-05-01 10:00:00.000000"], ["2026-05-01", 1], ["2026-05-01 10:00:00.000000", "1"],
        ["2026-99-01 10:00:00.000000", 1], ["'::text", 1], [None, 1], [7, 7],
    ],
    ids=lambda junk: repr(junk)[:30],
)  # fmt: skip
def test_a_cursor_is_where_a_page_ended(junk):
    assert refusal(parse_cursor, junk) == ("before", "not_a_cursor")


def test_no_cursor_is_the_first_page():
    assert parse_cursor(None) is None
    assert parse_cursor(False) is None


@pytest.mark.parametrize(("limit", "rows"), [(1, 1), (0, 1), (-5, 1), (40, 40), (10**30, 200)])
def test_a_page_has_a_size(limit, rows):
    assert parse_limit(limit, 200) == rows


@pytest.mark.parametrize("junk", ["40", None, 4.0, True, [1]])
def test_a_limit_is_a_number(junk):
    assert refusal(parse_limit, junk, 200) == ("limit", "not_a_number")
