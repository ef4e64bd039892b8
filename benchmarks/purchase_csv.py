"""Anyone's transaction log from a CSV file: the format of dates and amounts is found, what is left out is listed."""

import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.csv_columns import DAYS, TIMES, filled, numbers
from benchmarks.csv_table import named, read_table
from benchmarks.purchase_logs import Log

MORE_DAYS = (*DAYS, "%Y%m%d", "%Y.%m.%d", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%b-%Y", "%d-%b-%y")
# The share of the dates, or amounts, that must be readable: fewer mean that they were misunderstood.
READABLE = 0.95
# One date in so many may be typed wrongly; of fewer than so many none is taken for one.
ASTRAY_SHARE, ENOUGH_DATES = 200, 10
SWAPPED = {"%d": "%m", "%m": "%d"}


def csv_log(path: str, customer: str, date: str, amount: str, date_format: str | None = None) -> Log:
    """The orders in a CSV file (``.gz`` too): a row with a customer, a day and an amount that is not negative.

    ``date_format`` is what `strptime` takes; without it the way dates are written is found out. Raises SystemExit,
    naming the column and the remedy, when the file cannot be understood.
    """
    file = Path(path)
    header, rows = read_table(file)
    who, when, paid = (
        filled([row[header.index(named(name, header, file.name))] for row in rows]) for name in (customer, date, amount)
    )
    days = _days(when, date, date_format)
    amounts = _amounts(paid, amount)
    astray = _astray([day for day in days if day is not None])
    reasons = [_why_not(*row, astray) for row in zip(who, days, amounts, strict=True)]
    kept = [place for place, reason in enumerate(reasons) if reason is None]
    left_out = Counter(filter(None, reasons))
    if not kept:
        listed = ", ".join(f"{count} {reason}" for reason, count in left_out.items())
        raise SystemExit(f"{file.name} has no order: {listed}.")
    seen = Counter((who[place], when[place], paid[place]) for place in kept)
    return Log(
        np.array([who[place] for place in kept]),
        np.array([days[place] for place in kept], dtype="datetime64[D]"),
        np.array([amounts[place] for place in kept]),
        left_out=dict(left_out),
        repeated=len(kept) - len(seen),
    )


def _astray(days: Sequence) -> set:
    """Dates that can only be typed wrongly: a few, further from all others than those are from each other.

    They would stretch the log over years in which nobody ordered, and move the day that parts past and future.

    >>> from datetime import date
    >>> usual = [date(2026, 1, day) for day in range(1, 31)]
    >>> _astray([*usual, date(2071, 1, 2)])
    {datetime.date(2071, 1, 2)}
    """
    ordered = sorted(days)
    few = max(len(ordered) // ASTRAY_SHARE, 1)
    if len(ordered) < ENOUGH_DATES:
        return set()
    low, high = 0, len(ordered)
    for _day in range(few):
        inside = ordered[low:high]
        if inside[-1] - inside[-2] > inside[-2] - inside[0]:
            high -= 1
        elif inside[1] - inside[0] > inside[-1] - inside[1]:
            low += 1
    return {*ordered[:low], *ordered[high:]}


def _why_not(customer, day, amount, astray: set) -> str | None:
    """Why a row is no order, None when it is one."""
    if customer is None:
        return "without a customer"
    if day is None:
        return "without a date that can be read"
    if day in astray:
        return f"dated {day}, far from all others"
    if amount is None:
        return "without an amount that can be read"
    return "with a negative amount" if amount < 0 else None


def _amounts(texts: Sequence[str | None], column: str) -> list[float | None]:
    found = numbers([text and _signed(text) for text in texts])
    said, read = (sum(value is not None for value in values) for values in (texts, found))
    if read < READABLE * said or not read:
        odd = next((text for text, value in zip(texts, found, strict=True) if text and value is None), "")
        raise SystemExit(f"{column!r} does not hold amounts: {odd!r} is not a number. Name another column by --amount.")
    return found


def _signed(text: str) -> str:
    """Money that was given back as people write it: (5.00), 5.00- and -$5.00 are -5.00.

    >>> [_signed(text) for text in ("(5.00)", "5.00-", "-$ 5.00", "5.00")]
    ['-5.00', '-5.00', '-5.00', '5.00']
    """
    negative = re.fullmatch(r"\((.+)\)|(.+)-|-\s*[€$£¥₹]\s*(.+)", text)
    return f"-{next(filter(None, negative.groups()))}" if negative else text


def _days(texts: Sequence[str | None], column: str, date_format: str | None) -> list:
    """The day of each text, None where it cannot be read."""
    distinct = sorted({text for text in texts if text is not None})
    if not distinct:
        raise SystemExit(f"{column!r} is empty. Name the column with the dates by --date.")
    found, share = _best_way([date_format] if date_format else _ways(distinct), distinct)
    if share < READABLE:
        odd = next(text for text in distinct if found(text) is None)
        remedy = "does not fit --date-format" if date_format else "is not a date that is known here: say --date-format"
        raise SystemExit(f"{column!r}: {odd!r} {remedy}, such as '%d/%m/%Y %H:%M'.")
    days = {text: found(text) for text in distinct}
    return [None if text is None else days[text] for text in texts]


def _ways(texts: Sequence[str]) -> list[str | None]:
    """How dates such as these may be written; None stands for ISO 8601."""
    sample = texts[:: max(len(texts) // 20, 1)]
    forms = [day + time for day, time in product(MORE_DAYS, TIMES)]
    fitting = {form for form in forms if any(_day(text, form) for text in sample)}
    return [None, *(form for form in forms if form in fitting or _swapped(form) in fitting)]


def _best_way(forms: Sequence[str | None], texts: Sequence[str]) -> tuple[Callable, float]:
    """What reads most of the texts, and which share of them; it says so when day and month cannot be distinguished."""
    shares = {form: sum(_day(text, form) is not None for text in texts) / len(texts) for form in forms}
    best = max(forms, key=shares.__getitem__)
    other = _swapped(best)
    if other != best and shares.get(other) == shares[best]:
        print(f"Dates are read as {best}; say --date-format if they are {other}.", file=sys.stderr)
    return lambda text: _day(text, best), shares[best]


def _swapped(form: str | None) -> str | None:
    """The same with day and month the other way round, where it begins with both as numbers."""
    if form and {form[:2], form[3:5]} == {"%d", "%m"}:
        return form[3:5] + form[2] + form[:2] + form[5:]
    return form


def _day(text: str, form: str | None):
    try:
        return (datetime.strptime(text, form) if form else datetime.fromisoformat(text)).date()
    except ValueError:
        return None
