"""A CSV file of anyone's as a table of texts."""

import csv
import difflib
import gzip
import io
from collections.abc import Sequence
from pathlib import Path

SEPARATORS = ",;\t|"


def _text(path: Path) -> str:
    """The decoded file: UTF-8 or UTF-16 by its mark, UTF-8, else the Windows encoding of western Europe.

    Lines end as they do on any system, old Macs included.
    """
    if not path.is_file():
        raise SystemExit(f"There is no file {path}.")
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if data[:2] == b"PK":
        raise SystemExit(f"{path.name} is a spreadsheet or an archive: save it as CSV first.")
    return _decoded(data).replace("\r\n", "\n").replace("\r", "\n")


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    """Column names and rows of a CSV file, also gzipped; encoding and separator are found out.

    Raises SystemExit, naming the row and the remedy, when it cannot be read.
    """
    text, file = _text(path), path.name
    csv.field_size_limit(10_000_000)
    head = text[:100_000]
    separator = max(SEPARATORS, key=lambda mark: _width(head, mark))
    lines = [(number, row) for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator), 1) if row]
    if len(lines) < 2:
        raise SystemExit(f"{file} holds no rows: it needs a line of column names and then the rows.")
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


def named(name: str | None, header: Sequence[str], file: str) -> str | None:
    """The column meant by a name, whatever its case."""
    if name is None or name in header:
        return name
    alike = [other for other in header if other.strip().lower() == name.strip().lower()]
    if len(alike) == 1:
        return alike[0]
    near = difflib.get_close_matches(name, header, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(header)}"
    raise SystemExit(f"{file} has no column {name!r}: {hint}")
