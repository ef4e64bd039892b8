"""What a column of texts holds: numbers in one of several ways of writing, dates, or texts."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise, product

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "?", "-", "--"})
UNIT = re.compile(r"^[€$£¥₹]\s*|\s*(?:[€$£¥₹%]|EUR|USD|GBP|INR)$")
PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
COMMA_GROUPS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})*(?:\.\d+)?|[+-]?\d+(?:\.\d+)?")
DECIMAL_COMMA = re.compile(r"[+-]?\d{1,3}(?:[. '\u00a0\u202f]\d{3})*(?:,\d+)?|[+-]?\d+(?:,\d+)?")
CODE = re.compile(r"0\d+")  # a postcode, a phone number: a text
DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%d %b %Y", "%b %d, %Y")
TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
STRAY_SHARE, STRAY_WORDS = 0.05, 3
IDENTIFIED = 100  # fewer distinct whole numbers say nothing
EPOCH = datetime(1970, 1, 1)


def filled(values: Sequence[str]) -> list[str | None]:
    """The texts without spaces around them, None for those that say nothing.

    >>> filled([" Web ", "N/A", ""])
    ['Web', None, None]
    """
    stripped = (value.strip() for value in values)
    return [None if value.lower() in MISSING else value for value in stripped]


def typed(values: Sequence[str | None]) -> tuple[list, str]:
    """The column as numbers, dates (days since 1970) or texts, and in words how it was read.

    >>> typed(["1,200", "15", None])
    ([1200.0, 15.0, None], 'numbers with thousands separators')
    >>> typed(["5", "3,5"])
    ([5.0, 3.5], 'numbers with decimal commas')
    >>> typed(["1970-01-03", None])
    ([2.0, None], 'dates')
    >>> typed(["Web", "12"])
    (['Web', '12'], 'texts')
    """
    said = [value for value in values if value is not None]
    for read, how in (
        (_plain, "numbers"),
        (_comma_groups, "numbers with thousands separators"),
        (_decimal_comma, "numbers with decimal commas"),
        (_day_reader(said), "dates"),
    ):
        words = {value for value in said if read(value) is None} if read else said
        if not words and (said or how == "numbers"):
            return [None if value is None else read(value) for value in values], how
        if len(words) <= STRAY_WORDS and sum(value in words for value in said) <= STRAY_SHARE * len(said):
            listed = ", ".join(sorted(words))
            return [None if value is None else read(value) for value in values], f"{how}, {listed} as missing"
    return list(values), "texts"


def numbers(values: Sequence[str | None]) -> list[float | None]:
    """The texts as numbers, in the way of writing that reads most of them; None for those it cannot read.

    >>> numbers(["1.234,50", "5", None, "free"])
    [1234.5, 5.0, None, None]
    """
    ways = (_plain, _comma_groups, _decimal_comma)
    read = max(ways, key=lambda way: sum(value is not None and way(value) is not None for value in values))
    return [None if value is None else read(value) for value in values]


def is_identifier(numbers: Sequence[float | None]) -> bool:
    """Whether whole numbers only number the leads: all differ, and they rise or fall with the rows or leave few gaps.

    >>> is_identifier([float(number) for number in range(500, 700)]), is_identifier([3.0, 1.0, 2.0])
    (True, False)
    """
    if None in numbers or len(numbers) < IDENTIFIED or len(set(numbers)) < len(numbers):
        return False
    if any(number % 1 for number in numbers):
        return False
    sorted_rows = all(a < b for a, b in pairwise(numbers)) or all(a > b for a, b in pairwise(numbers))
    return sorted_rows or max(numbers) - min(numbers) < 3 * len(numbers)


def _plain(text: str) -> float | None:
    return float(text) if PLAIN.fullmatch(text) and not CODE.fullmatch(text) else None


def _comma_groups(text: str) -> float | None:
    text = UNIT.sub("", text)
    return float(text.replace(",", "")) if COMMA_GROUPS.fullmatch(text) and not CODE.fullmatch(text) else None


def _decimal_comma(text: str) -> float | None:
    text = UNIT.sub("", text)
    if not DECIMAL_COMMA.fullmatch(text) or CODE.fullmatch(text):
        return None
    return float(re.sub(r"[. '\u00a0\u202f]", "", text).replace(",", "."))


def _day_reader(said: Sequence[str]) -> Callable[[str], float | None] | None:
    """What reads these dates: the first way of writing that all of them follow; None when there is none."""
    for day, time in product(DAYS, TIMES):
        if said and all(_day(text, day + time) is not None for text in (said[0], *said)):
            return lambda text, form=day + time: _day(text, form)
    return _iso if said and all(_iso(text) is not None for text in said) else None


def _day(text: str, form: str) -> float | None:
    try:
        return (datetime.strptime(text, form) - EPOCH).total_seconds() / 86400
    except ValueError:
        return None


def _iso(text: str) -> float | None:
    """A moment as ISO 8601 writes it, its own time zone disregarded."""
    try:
        return (datetime.fromisoformat(text).replace(tzinfo=None) - EPOCH).total_seconds() / 86400
    except ValueError:
        return None
