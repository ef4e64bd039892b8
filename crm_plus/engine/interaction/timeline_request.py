"""What a client asks of the timeline, checked before anything is read: ids are ids, days are days.

Each function returns plain values or raises `RequestError`, which names the part of the request that is wrong.
"""

import re
from datetime import date, datetime

from ..checks import RefusedValue, choice, identifier, identifiers, shown, text

SCOPES = ("lead_id", "partner_id")
CURSOR = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}", re.ASCII)
# Days outside of these are typing errors; time zones and calendars stumble over the first and the last years there are.
YEARS = range(1900, 2200)

MOST_ROWS = 200


class RequestError(ValueError):
    """A part of a request, named by ``field``, that is not what it should be; see `checks` for reason and values."""

    def __init__(self, field: str, reason: str, **values):
        super().__init__(field, reason)
        self.field, self.reason, self.values = field, reason, values


def day(value) -> date:
    """A day, written 2026-05-01.

    >>> day("2026-05-01")
    datetime.date(2026, 5, 1)
    """
    try:
        found = datetime.strptime(value, "%Y-%m-%d").date()
    except (TypeError, ValueError):
        raise RefusedValue("not_a_day", given=shown(value)) from None
    if found.year not in YEARS:
        raise RefusedValue("not_a_day", given=shown(value))
    return found


FILTERS = {
    "channel_ids": identifiers,
    "partner_ids": identifiers,
    "user_ids": identifiers,
    "direction": choice(("in", "out", "none")),
    "date_from": day,
    "date_to": day,
    "search": text(200),
}


def parse_scope(scope) -> tuple[str, int]:
    """(column, id) of the customer or the lead; the lead when both are named.

    >>> parse_scope({"partner_id": 7})
    ('partner_id', 7)
    """
    scope = _object("scope", scope)
    for name in SCOPES:
        if scope.get(name):
            return name, _checked(name, identifier, scope[name])
    raise RequestError("scope", "no_scope")


def parse_filters(filters) -> dict:
    """The filters that are set, checked.

    >>> parse_filters({"direction": "in", "search": "  "})
    {'direction': 'in'}
    """
    filters = _object("filters", filters or {})
    for name in filters:
        if name not in FILTERS:
            raise RequestError(shown(name), "unknown_field", allowed=", ".join(FILTERS))
    checked = {name: _checked(name, FILTERS[name], value) for name, value in filters.items() if value}
    return {name: value for name, value in checked.items() if value}


def parse_cursor(before) -> tuple[str, int] | None:
    """Where the previous page ended: the ``next`` it came with.

    >>> parse_cursor(["2026-05-01 10:00:00.000000", 12])
    ('2026-05-01 10:00:00.000000', 12)
    """
    if before is None or before is False:
        return None
    if not isinstance(before, (list, tuple)) or len(before) != 2:
        raise RequestError("before", "not_a_cursor")
    moment, row_id = before
    try:
        datetime.fromisoformat(moment if CURSOR.fullmatch(moment) else "")
        return moment, identifier(row_id)
    except (TypeError, ValueError):
        raise RequestError("before", "not_a_cursor") from None


def parse_limit(limit, most: int) -> int:
    """How many rows: at least one, at most ``most``.

    >>> parse_limit(1000, 200)
    200
    """
    if isinstance(limit, bool) or not isinstance(limit, int):
        raise RequestError("limit", "not_a_number", given=shown(limit))
    return min(max(limit, 1), most)


def parse_rows(row_ids) -> list[int]:
    """Ids of entries, at most a page of them.

    >>> parse_rows([3, 4])
    [3, 4]
    """
    return _checked("row_ids", identifiers, row_ids)[:MOST_ROWS]


def _object(name, value):
    if not isinstance(value, dict):
        raise RequestError(name, "not_an_object", given=shown(value))
    return value


def _checked(name, check, value):
    try:
        return check(value)
    except RefusedValue as refused:
        raise RequestError(name, refused.reason, **refused.values) from None
