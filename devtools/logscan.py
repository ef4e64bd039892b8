"""What a server log says against the add-on: every WARNING or worse that names it."""

import re
from collections.abc import Iterator
from pathlib import Path

from devtools.common import ROOT

ADDON = "crm_plus"
HEADER = re.compile(
    r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (?P<level>[A-Z]+) (?P<db>\S+) (?P<logger>[^:]*): (?P<message>.*)$", re.DOTALL
)
BAD = {"WARNING", "ERROR", "CRITICAL"}
OURS = re.compile(rf'File "(?:.*/)?({ADDON}\w*/[^"]+)", (line \d+), in (\w+)')


def records(text: str) -> Iterator[str]:
    """The log's records: a line with a header and the lines (a traceback) that follow it."""
    record = []
    for line in text.splitlines():
        if HEADER.match(line) and record:
            yield "\n".join(record)
            record = []
        record.append(line)
    if record:
        yield "\n".join(record)


def complaint(record: str) -> str | None:
    """The first line of a bad record that names the add-on, with the last place of ours in a traceback, else None.

    The database's name does not count, nor the name of a test's browser logger: the host's own pages write there.

    >>> complaint("2026-05-01 10:00:00,000 7 WARNING db odoo.models: Field crm_plus.x is odd")
    'WARNING odoo.models: Field crm_plus.x is odd'
    >>> complaint("2026-05-01 10:00:00,000 7 WARNING crm_plus odoo.models: Field x is odd")
    >>> complaint("2026-05-01 10:00:00,000 7 INFO db odoo.models: Loading crm_plus")
    """
    found = HEADER.match(record.replace(f"{ROOT}/", ""))
    if not found or found["level"] not in BAD:
        return None
    logger = "" if found["logger"].endswith(".browser") else found["logger"]
    if ADDON not in logger and ADDON not in found["message"]:
        return None
    places = OURS.findall(found["message"])
    place = " ({}, {}, in {})".format(*places[-1]) if places else ""
    return f"{found['level']} {found['logger']}: {found['message'].splitlines()[0].rstrip()}{place}"


def complaints(log: Path) -> list[str]:
    """What a log file says against the add-on, each thing once."""
    if not log.is_file():
        return []
    found = filter(None, map(complaint, records(log.read_text(errors="replace"))))
    return list(dict.fromkeys(f"the server log says: {line}" for line in found))
