"""What comes in from outside, checked value by value: a checker returns the value to use or raises `RefusedValue`."""

import math
from collections.abc import Callable
from datetime import date, datetime

MAX_ID = 2**31 - 1
# Longest quotation of a refused value in a message.
SHOWN = 60


class RefusedValue(ValueError):
    """A value that is not what it should be: a reason, and the values its message needs."""

    def __init__(self, reason: str, **values):
        super().__init__(reason)
        self.reason = reason
        self.values = values


def text(limit: int, one_line: bool = True) -> Callable:
    """A checker of texts of at most ``limit`` characters; white space at the ends, and within one line, is tidied up.

    >>> text(20)("  two\\n words ")
    'two words'
    """

    def check(value):
        if not isinstance(value, str):
            raise RefusedValue("not_a_text", given=shown(value))
        if len(value) > limit:
            raise RefusedValue("too_long", limit=limit, length=len(value))
        if not _is_storable(value):
            raise RefusedValue("not_writable")
        return (" ".join(value.split()) if one_line else value.strip()) or None

    return check


def identifier(value) -> int:
    """A record id. ``True`` is not the record 1.

    >>> identifier(7)
    7
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MAX_ID:
        raise RefusedValue("not_an_id", given=shown(value))
    return value


def identifiers(value) -> list[int]:
    """A list of record ids.

    >>> identifiers([7, 9])
    [7, 9]
    """
    if not isinstance(value, (list, tuple)):
        raise RefusedValue("not_a_list", given=shown(value))
    return [identifier(item) for item in value]


def integer(low: int, high: int) -> Callable:
    """A checker of whole numbers between two limits, themselves included.

    >>> integer(1, 12)(12)
    12
    """

    def check(value):
        if isinstance(value, bool) or not isinstance(value, int):
            raise RefusedValue("not_a_number", given=shown(value))
        if not low <= value <= high:
            raise RefusedValue("out_of_range", low=low, high=high)
        return value

    return check


def day(value) -> date:
    """A day, as itself or in ISO form.

    >>> day("2026-01-31")
    datetime.date(2026, 1, 31)
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise RefusedValue("not_a_day", given=shown(value)) from None


def named_values(value) -> dict:
    """Values by the names of their fields.

    >>> named_values({"name": "Gold"})
    {'name': 'Gold'}
    """
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise RefusedValue("not_named_values", given=shown(value))
    return value


def number(low: float, high: float) -> Callable:
    """A checker of finite numbers between two limits.

    >>> number(0, 10)(2)
    2.0
    """

    def check(value):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise RefusedValue("not_a_number", given=shown(value))
        if not low <= value <= high or not math.isfinite(value):
            raise RefusedValue("out_of_range", low=low, high=high)
        return float(value)

    return check


def choice(allowed: tuple[str, ...]) -> Callable:
    """A checker of one value among ``allowed``.

    >>> choice(("in", "out"))("in")
    'in'
    """

    def check(value):
        if not isinstance(value, str) or value not in allowed:
            raise RefusedValue("not_a_choice", given=shown(value), allowed=", ".join(allowed))
        return value

    return check


def _is_storable(value: str) -> bool:
    """Whether a database can hold the text: no NUL character, no half of a character pair."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value


def shown(value) -> str:
    """A value as it is quoted in a message: short, whatever was sent.

    >>> shown("x" * 1000) == "x" * 59 + "…", shown({"a": 1}), shown(7)
    (True, 'dict', '7')
    """
    if not isinstance(value, (str, int, float, bool, type(None))):
        return type(value).__name__
    if isinstance(value, int) and abs(value) > 10**SHOWN:
        return "a number of that size"
    quoted = str(value).encode(errors="replace").decode()
    return quoted if len(quoted) <= SHOWN else quoted[: SHOWN - 1] + "…"
