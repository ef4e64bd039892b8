"""What a lead is described by: the kinds of fields, and how raw values become comparable ones. Light: no numpy.

A *column* is one sequence of raw values, one per lead; columns travel as ``{feature name: sequence}``.
``None``, NaN and the empty string are missing values.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

KINDS = ("numeric", "category", "boolean", "presence", "tags")

Columns = Mapping[str, Sequence]


@dataclass(frozen=True, slots=True)
class Feature:
    """One field of a lead and how it is read.

    ``numeric``: a number (an age, a count, an amount); ``category``: one value of many (a source, a country);
    ``boolean``: yes or no; ``presence``: only whether it is filled (a free text); ``tags``: a collection of values.

    >>> Feature("expected_revenue", "numeric").kind
    'numeric'
    >>> Feature("stage", "stages")
    Traceback (most recent call last):
    ValueError: stage: unknown kind 'stages', expected one of numeric, category, boolean, presence, tags.
    """

    name: str
    kind: str

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"{self.name}: unknown kind {self.kind!r}, expected one of {', '.join(KINDS)}.")


def is_missing(value) -> bool:
    """Whether a raw value says nothing: None, NaN or the empty string.

    >>> [is_missing(value) for value in (None, float("nan"), "", 0, False, "x")]
    [True, True, True, False, False, False]
    """
    return value is None or value != value or (isinstance(value, str) and not value)


def level_key(value) -> str:
    """The text a category value is known by; values that Python calls equal have the same one.

    >>> [level_key(value) for value in ("Web", True, 1, 1.0, 2.5)]
    ['Web', '1', '1', '1', '2.5']
    """
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool | int | float) and value == value // 1:
        return str(int(value))
    return str(value)


def age_in_days(moments: Iterable[date | None], as_of: Iterable[date]) -> list[float | None]:
    """Days from each moment to the moment it is seen from; None stays None, what lies ahead is negative.

    >>> age_in_days([date(2026, 5, 1), None], [date(2026, 5, 11), date(2026, 5, 11)])
    [10.0, None]
    """
    return [
        None if moment is None else (seen - moment).total_seconds() / 86400
        for moment, seen in zip(moments, as_of, strict=True)
    ]


def guess_features(columns: Columns, barred: Iterable[str] = ()) -> tuple[Feature, ...]:
    """Features for columns of unknown origin, for example a CSV file; ``barred`` ones are left out.

    Numbers are numeric, two-valued booleans are boolean, collections are tags; texts that hardly ever repeat
    (more than half of the filled ones differ, and more than 50 do) count by their presence only.

    >>> guess_features({"visits": [1, 2, None], "source": ["Web", "Web", "Fair"], "ok": [True, False, True]})
    (Feature(name='visits', kind='numeric'), Feature(name='source', kind='category'),
     Feature(name='ok', kind='boolean'))
    """
    skipped = set(barred)
    return tuple(Feature(name, _guess_kind(values)) for name, values in columns.items() if name not in skipped)


def _guess_kind(values: Sequence) -> str:
    filled = [value.item() if hasattr(value, "item") else value for value in values]
    filled = [value for value in filled if isinstance(value, tuple | list | set) or not is_missing(value)]
    if filled and all(isinstance(value, bool) for value in filled):
        return "boolean"
    if filled and all(isinstance(value, int | float) for value in filled):
        return "numeric"
    if filled and all(isinstance(value, tuple | list | set | frozenset) for value in filled):
        return "tags"
    distinct = len(set(map(level_key, filled)))
    return "presence" if distinct > 50 and distinct > len(filled) / 2 else "category"
