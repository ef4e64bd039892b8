"""Anyone's leads from a CSV file: encoding, separator, outcome, and what each column holds are found out.

What was decided about a column is told, and whatever cannot be decided stops with the column and the remedy.
"""

import csv
import difflib
import gzip
import io
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.leads_columns import filled, is_identifier, typed
from benchmarks.leads_data import Leads

SEPARATORS = ",;\t|"
YES = frozenset({"1", "1.0", "yes", "y", "true", "t", "won", "closed won", "converted", "success"})
NO = frozenset({"0", "0.0", "-1", "no", "n", "false", "f", "lost", "closed lost", "not converted", "failure"})
JUDGED = frozenset({"1", "1.0", "yes", "y", "true", "t", "hold", "holdout", "hold-out", "test", "judge", "later"})
LEARNT = frozenset({"", "0", "0.0", "no", "n", "false", "f", "train", "training", "learn", "earlier"})
JUDGED_SHARE = 0.3


def read_csv(path: Path, target: str, hold: str | None, drop: Iterable[str] = (), won: str | None = None) -> Leads:
    """Leads of a CSV file (also gzipped): ``target`` says whether a lead was won, ``hold`` which ones to judge on.

    ``won`` is the value of ``target`` that means won, where that is not plain. Rows without an outcome are left out.
    Without ``hold`` the last 30 % of the rows are held out. Raises SystemExit, naming column and remedy, when a named
    column is not there or cannot be understood.
    """
    header, rows = _table(_text(path), path.name)
    target, hold = (_named(name, header, path.name) for name in (target, hold))
    left_out = {_named(name, header, path.name) for name in drop} | {target, hold}
    columns = {name: filled([row[place] for row in rows]) for place, name in enumerate(header)}
    outcome = _outcomes(columns[target], target, won)
    known = np.array([value is not None for value in outcome], dtype=bool)
    if not known.all():
        _say(f"{(~known).sum()} rows without a value in {target!r} are left out")
    held = _held(columns[hold], hold) if hold else np.arange(len(rows)) >= (1 - JUDGED_SHARE) * len(rows)
    places = np.flatnonzero(known)
    kept = {}
    for name, values in columns.items():
        if name not in left_out:
            kept |= _column(name, [values[place] for place in places])
    leads = Leads(path.name, kept, np.array([int(outcome[place]) for place in places]), held[places])
    return _checked(leads, target, hold)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


# ------------------------------------------------------------------ the file


def _text(path: Path) -> str:
    """The decoded file: UTF-8 or UTF-16 by its mark, UTF-8, else the Windows encoding of western Europe."""
    if not path.is_file():
        raise SystemExit(f"There is no file {path}.")
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if data[:2] == b"PK":
        raise SystemExit(f"{path.name} is a spreadsheet or an archive: save it as CSV first.")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _table(text: str, file: str) -> tuple[list[str], list[list[str]]]:
    csv.field_size_limit(10_000_000)
    head = text[:100_000]
    separator = max(SEPARATORS, key=lambda mark: _width(head, mark))
    lines = [(number, row) for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator), 1) if row]
    if len(lines) < 2:
        raise SystemExit(f"{file} holds no leads: it needs a line of column names and one line a lead.")
    header = _header(lines[0][1])
    for number, row in lines[1:]:
        if len(row) != len(header):
            raise SystemExit(
                f"Row {number} of {file} has {len(row)} fields, the column names are {len(header)}: quote fields that "
                f"hold the separator {separator!r}."
            )
    return header, [row for _, row in lines[1:]]


def _width(text: str, separator: str) -> int:
    """Columns that a separator makes of the first rows, 1 when they differ in number."""
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if row][:-1] or [[""]]
    widths = [len(row) for row in rows]
    return widths[0] if widths.count(widths[0]) >= 0.9 * len(widths) else 1


def _header(names: Sequence[str]) -> list[str]:
    """Column names: those without one are numbered, the same name again gets a number."""
    found: list[str] = []
    for place, name in enumerate(names, start=1):
        name = name.strip() or f"column {place}"
        again = sum(other == name or other.startswith(f"{name} (") for other in found)
        found.append(f"{name} ({again + 1})" if name in found else name)
    return found


def _named(name: str | None, header: Sequence[str], file: str) -> str | None:
    """The column meant by a name, whatever its case."""
    if name is None or name in header:
        return name
    alike = [other for other in header if other.strip().lower() == name.strip().lower()]
    if len(alike) == 1:
        return alike[0]
    near = difflib.get_close_matches(name, header, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(header)}"
    raise SystemExit(f"{file} has no column {name!r}: {hint}")


# ------------------------------------------------------------------ outcome and hold-out


def _outcomes(values: Sequence, target: str, won: str | None) -> list[bool | None]:
    """Whether each lead was won, None where nothing is said."""
    labels = {value.lower() for value in values if value is not None}
    if won is not None:
        yes, no = {won.strip().lower()}, labels - {won.strip().lower()}
        if not yes & labels:
            raise SystemExit(f"No row has {won!r} in {target!r}; it holds {_some(labels)}.")
    else:
        yes, no = labels & YES, labels & NO
        if len(labels) == 2 and len(yes | no) == 1:  # the other one is the opposite
            yes, no = yes or labels - no, no or labels - yes
    if labels - yes - no or not yes or not no:
        raise SystemExit(f"{target!r} holds {_some(labels)}: say which value means won by --won VALUE, or name another "
                         "column by --target.")  # fmt: skip
    return [None if value is None else value.lower() in yes for value in values]


def _held(values: Sequence, hold: str) -> np.ndarray:
    labels = {(value or "").lower() for value in values}
    strange = labels - JUDGED - LEARNT
    if strange or not labels & JUDGED or not labels & LEARNT:
        raise SystemExit(
            f"{hold!r} holds {_some(labels)}: it must be 1 (or test) for leads to judge on and 0 (or train) for leads "
            "to learn from. Without --hold the last 30 % of the rows are judged on."
        )
    return np.array([(value or "").lower() in JUDGED for value in values], dtype=bool)


def _some(labels: Iterable[str]) -> str:
    shown = sorted(labels)
    more = f" and {len(shown) - 5} more values" if len(shown) > 5 else ""
    return ", ".join(map(repr, shown[:5])) + more if shown else "nothing"


def _checked(leads: Leads, target: str, hold: str | None) -> Leads:
    for side, inside in (("learn from", ~leads.hold), ("judge on", leads.hold)):
        wins = int(leads.won[inside].sum())
        if not 0 < wins < inside.sum():
            remedy = "mark other rows in it" if hold else "name a column that marks leads to judge on by --hold"
            raise SystemExit(
                f"Of the {inside.sum()} leads to {side}, {wins} were won by {target!r}: both won and lost ones are "
                f"needed, {remedy}."
            )
    if not leads.columns:
        raise SystemExit(f"{leads.origin} has no column left to predict from: drop fewer.")
    return leads


def _column(name: str, values: Sequence) -> dict[str, list]:
    """The column as it is read, none when it only numbers the leads."""
    found, how = typed(values)
    if how == "numbers" and is_identifier(found):
        _say(f"{name!r} numbers the leads and is left out")
        return {}
    if how not in ("numbers", "texts"):
        _say(f"{name!r} is read as {how}")
    return {name: found}
