"""Anyone's leads from a CSV file: encoding, separator, outcome, and what each column holds are found out.

It says what it decided about a column; what cannot be decided stops it, with the column and the remedy.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.csv_columns import filled, is_identifier, typed
from benchmarks.csv_table import named, read_table
from benchmarks.leads_data import Leads

YES = frozenset({"1", "1.0", "yes", "y", "true", "t", "won", "closed won", "converted", "success"})
NO = frozenset({"0", "0.0", "-1", "no", "n", "false", "f", "lost", "closed lost", "not converted", "failure"})
JUDGED = frozenset({"1", "1.0", "yes", "y", "true", "t", "hold", "holdout", "hold-out", "test", "judge", "later"})
LEARNT = frozenset({"", "0", "0.0", "no", "n", "false", "f", "train", "training", "learn", "earlier"})
JUDGED_SHARE = 0.3


def read_csv(
    path: Path,
    target: str,
    hold: str | None,
    drop: Iterable[str] = (),
    won: str | None = None,
    lost: Iterable[str] = (),
) -> Leads:
    """Leads of a CSV file (also gzipped): ``target`` says whether a lead was won, ``hold`` which ones to judge on.

    ``won`` and ``lost`` are the values of ``target`` that mean so, where that is not plain; with ``won`` alone and no
    usual word for lost, all others are lost. Rows with another value, such as deals that are open still, or with none
    are left out and counted.
    Without ``hold`` the last 30 % of the rows are held out. Raises SystemExit, naming column and remedy, when a named
    column is not there or cannot be understood.
    """
    header, rows = read_table(path)
    target, hold = (named(name, header, path.name) for name in (target, hold))
    left_out = {named(name, header, path.name) for name in drop} | {target, hold}
    columns = {name: filled([row[place] for row in rows]) for place, name in enumerate(header)}
    outcome = _outcomes(columns[target], target, won, list(lost))
    known = np.array([value is not None for value in outcome], dtype=bool)
    left = Counter(value for value, said in zip(columns[target], known, strict=True) if not said)
    for value, count in left.items():
        _say(f"{count} rows {'with ' + repr(value) if value else 'without a value'} in {target!r} are left out")
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


# ------------------------------------------------------------------ outcome and hold-out


def _outcomes(values: Sequence, target: str, won: str | None, lost: Sequence[str]) -> list[bool | None]:
    """Whether each lead was won, None where nothing is said or something else than won or lost."""
    labels = {value.lower() for value in values if value is not None}
    yes = {won.strip().lower()} if won else labels & YES
    no = {value.strip().lower() for value in lost} or (labels & NO) - yes or (labels - yes if won else set())
    for named_one in ({won} if won else set()) | set(lost):
        if named_one.strip().lower() not in labels:
            raise SystemExit(f"No row has {named_one!r} in {target!r}; it holds {_some(labels)}.")
    if len(labels) == 2 and len(yes | no) == 1:  # the other one is the opposite
        yes, no = yes or labels - no, no or labels - yes
    others = labels - yes - no
    if (others and not (won or lost)) or not yes or not no:
        raise SystemExit(
            f"{target!r} holds {_some(labels)}: say which values mean won and lost by --won VALUE --lost VALUE, or "
            "name another column by --target."
        )
    return [None if value is None or value.lower() in others else value.lower() in yes for value in values]


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
