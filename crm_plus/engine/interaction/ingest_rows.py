"""Rows that other systems send in, checked one field at a time: a plain dict in, an `IngestRow` or a `RowError` out.

What a row says is checked here; whom it is about is looked up by the caller. A row is never worth a traceback: whatever
JSON can hold is either accepted or answered by the first field that is wrong and the reason.

>>> now = datetime(2026, 5, 1, 12, 0)
>>> row = parse_row({"external_ref": "call-1", "date": "2026-05-01T10:00+02:00", "email": "ann@example.com"}, now=now)
>>> row.external_ref, row.date, row.source
('call-1', datetime.datetime(2026, 5, 1, 8, 0), 'ingest')
>>> parse_row({"external_ref": "call-1", "date": "yesterday"}, now=now)
RowError(field='date', reason='not_a_date', values={})
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta, timezone

from ..checks import SHOWN, RefusedValue, choice, identifier, number, shown, text
from .days import latest_day, moment_of

MAX_AMOUNT = 1e15
MAX_HOURS = 10_000
OLDEST = datetime(1970, 1, 1)
# Clocks differ, and a time without its offset may be up to 14 hours ahead of UTC.
AHEAD = timedelta(days=1)
DIRECTIONS = ("in", "out", "none")
ISO_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:[.,]\d{1,9})?\s?(Z|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class IngestRow:
    """One checked row. Texts are stripped and never empty; ``date`` is UTC without an offset, in whole seconds, and
    never later than now; ``day`` is set when only the day is known, and ``date`` then is the moment that stands for it;
    ``user`` is a login or an id; what was not given is None."""

    external_ref: str
    date: datetime
    day: date | None = None
    source: str = "ingest"
    channel: str | None = None
    direction: str | None = None
    partner_id: int | None = None
    email: str | None = None
    phone: str | None = None
    lead_id: int | None = None
    user: int | str | None = None
    summary: str | None = None
    note: str | None = None
    duration: float | None = None
    outcome: str | None = None
    amount: float | None = None
    currency: str | None = None
    company_id: int | None = None


@dataclass(frozen=True, slots=True)
class RowError:
    """The first thing that is wrong with a row: the field, the reason as one word, and the values its message needs."""

    field: str
    reason: str
    values: dict = field(default_factory=dict)


def moment(now: datetime) -> Callable:
    """A checker of ISO 8601 dates; no offset means UTC, a day without a time stays a day.

    >>> moment(datetime(2026, 5, 2))("2026-05-01T10:00:00.123+03:30")
    datetime.datetime(2026, 5, 1, 6, 30)
    >>> moment(datetime(2026, 5, 2))("2026-05-01")
    datetime.date(2026, 5, 1)
    """

    def check(value):
        given = _parse_date(value)
        is_moment = isinstance(given, datetime)
        if given < (OLDEST if is_moment else OLDEST.date()):
            raise RefusedValue("too_old", given=shown(value), oldest=OLDEST.date().isoformat())
        if given > (now + AHEAD if is_moment else latest_day(now)):
            raise RefusedValue("in_the_future", given=shown(value))
        return min(given, now) if is_moment else given

    return check


def user(value) -> int | str:
    """A user: the login or the id."""
    return text(255)(value) if isinstance(value, str) else identifier(value)


def _parse_date(value) -> datetime | date:
    match = ISO_DATE.fullmatch(value.strip()) if isinstance(value, str) and len(value) <= SHOWN else None
    if match is None:
        raise RefusedValue("not_a_date")
    day, minute, second, offset = match.groups()
    try:
        if minute is None:
            return date.fromisoformat(day)
        found = datetime.fromisoformat(f"{day}T{minute}{second or ':00'}")
        return found.replace(tzinfo=_offset(offset)).astimezone(timezone.utc).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise RefusedValue("not_a_date") from None


def _offset(given: str | None) -> timezone:
    if given in (None, "Z", "z"):
        return timezone.utc
    hours, minutes = int(given[1:3]), int(given[3:].lstrip(":") or 0)
    if hours > 14 or minutes > 59:
        raise ValueError(given)
    return timezone((-1 if given[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))


# ---------------------------------------------------------------------- rows


def checkers(*, now: datetime, outcomes: tuple[str, ...]) -> Mapping[str, Callable]:
    """How each field of a row is checked, in the order in which errors are reported."""
    return {
        "external_ref": text(255),
        "source": text(64),
        "channel": text(64),
        "direction": choice(DIRECTIONS),
        "date": moment(now),
        "partner_id": identifier,
        "email": text(320),
        "phone": text(64),
        "lead_id": identifier,
        "user": user,
        "summary": text(255),
        "note": text(20_000, one_line=False),
        "duration": number(0, MAX_HOURS),
        "outcome": choice(outcomes),
        "amount": number(-MAX_AMOUNT, MAX_AMOUNT),
        "currency": text(3),
        "company_id": identifier,
    }


FIELDS = tuple(field.name for field in fields(IngestRow) if field.name != "day")
REQUIRED = ("external_ref", "date")
CUSTOMER = ("partner_id", "email", "phone", "lead_id")


def parse_row(row, *, now: datetime, outcomes: tuple[str, ...] = (), checks: Mapping[str, Callable] | None = None):
    """The `IngestRow` a dict describes, or the `RowError` that says what is wrong.

    ``None`` and ``False`` mean “not given”. For many rows give ``checks``, made once by `checkers`.
    """
    if not isinstance(row, dict):
        return RowError("row", "not_an_object", {"given": shown(row)})
    checks = checks or checkers(now=now, outcomes=outcomes)
    for name in row:
        if name not in checks:
            return RowError(shown(name), "unknown_field", {"allowed": ", ".join(FIELDS)})
    values = {}
    for name, check in checks.items():
        given = row.get(name)
        if given is None or given is False:
            continue
        try:
            values[name] = check(given)
        except RefusedValue as refused:
            return RowError(name, refused.reason, refused.values)
    return _complete({name: value for name, value in values.items() if value is not None})


def _complete(values: dict):
    for name in REQUIRED:
        if name not in values:
            return RowError(name, "missing")
    if not any(name in values for name in CUSTOMER):
        return RowError("partner_id", "no_customer")
    if not isinstance(values["date"], datetime):
        values |= {"day": values["date"], "date": moment_of(values["date"])}
    return IngestRow(**values)
