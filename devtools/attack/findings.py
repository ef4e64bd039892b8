"""What an attack is after: marks that were disclosed, hidden records that were touched, tracebacks out of our code."""

import re
from collections import Counter
from dataclasses import dataclass, field

from devtools.attack.client import Answer

ADDON = "crm_plus"
FRAME = re.compile(r'File "(?P<file>[^"]+)", line \d+, in (?P<name>\S+)\n\s+(?P<code>.*)')
# how the host's own buttons refuse several records, or none
SINGLE = "Expected singleton"
WORD = re.compile(r"Kanari(alfa|own|bob|beta|hidden)\d+zq")
AMOUNT = re.compile(r"73([1-5])\d{3}\.3\1")
ZONES = ("alfa", "own", "bob", "beta", "hidden")


def zones_in(text: str) -> set[str]:
    """The zones whose marks are in an answer.

    >>> sorted(zones_in('{"name": "Kanaribob017zq", "amount": 734001.34}'))
    ['beta', 'bob']
    """
    return {found.group(1) for found in WORD.finditer(text)} | {
        ZONES[int(found.group(1)) - 1] for found in AMOUNT.finditer(text)
    }


def is_ours(debug: str) -> bool:
    """Whether a traceback comes out of our code: an own method that only hands on to the host's is not to blame.

    >>> is_ours('File "/x/crm_plus/models/a.py", line 3, in write\\n    return super().write(vals)\\nValueError')
    False
    >>> is_ours('File "/x/crm_plus/models/a.py", line 3, in told\\n    return int(text)\\nValueError')
    True
    """
    frames = [frame for frame in FRAME.finditer(debug) if f"/{ADDON}" in frame["file"]]
    return bool(frames) and "super()" not in frames[-1]["code"] and SINGLE not in debug


@dataclass
class Findings:
    """Counts of what was asked and of what came of it, and everything that must not be."""

    sees: dict
    asked: Counter = field(default_factory=Counter)
    outcomes: Counter = field(default_factory=Counter)
    found: dict = field(default_factory=dict)

    def judge(self, kind: str, user: str, what: str, answer: Answer, forbidden: bool = False) -> None:
        """Take in one answer; ``forbidden``: there must be no result, whatever it says."""
        self.asked[kind] += 1
        self.outcomes[answer.error or "result"] += 1
        if leaks := zones_in(answer.text) - set(self.sees.get(user, ())):
            self._note(f"TOLD {'/'.join(sorted(leaks))}", user, what, answer)
        elif forbidden and answer.is_result:
            self._note("DONE", user, what, answer)
        # the host's methods hand on what they are given, of whatever kind
        if answer.is_traceback and is_ours(answer.debug) and kind != "strange to the host":
            self._note(f"FAILED {answer.error}", user, what, answer)

    def _note(self, kind: str, user: str, what: str, answer: Answer) -> None:
        last = answer.debug.strip().splitlines()[-12:] if kind.startswith("FAILED") else [answer.text[:400]]
        place = self._place(answer.debug) if kind.startswith("FAILED") else what.split("(")[0]
        self.found.setdefault((kind, place), (user, what, last))

    @staticmethod
    def _place(debug: str) -> str:
        frames = [frame for frame in FRAME.finditer(debug) if f"/{ADDON}" in frame["file"]]
        return f"{frames[-1]['file'].split(f'/{ADDON}', 1)[-1]}:{frames[-1]['name']}"

    def report(self) -> str:
        """The counts, and each finding once, with one call that shows it."""
        lines = [f"{sum(self.asked.values())} questions: {_listed(self.asked)}", f"answers: {_listed(self.outcomes)}"]
        for (kind, place), (user, what, last) in sorted(self.found.items()):
            lines += ["", f"{kind} {place}", f"  as {user}: {what[:600]}", *(f"  | {line}" for line in last)]
        return "\n".join([*lines, "", f"{len(self.found)} findings"])


def _listed(counts: Counter) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())
