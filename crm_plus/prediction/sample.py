"""The closed leads of one training, as columns, split into older and newer ones. Light: no numpy."""

from dataclasses import dataclass

from ..engine.leads.features import Feature, guess_features
from ..engine.leads.shortfall import shortfall
from ..engine.leads.split import split_by_date, split_newest

JUDGED_SHARE = 0.3
MIN_JUDGED = 10
# Dated by nature, so they cannot know the outcome: only fields without a history are checked for leakage.
WITHOUT_HISTORY = ("lead", "partner", "property")


@dataclass(frozen=True, slots=True)
class Closed:
    """Closed leads: ids in ascending order, when each was closed and whether it was won (1 or 0)."""

    ids: tuple[int, ...]
    closed_on: tuple
    won: tuple[int, ...]

    def count(self, places) -> tuple[int, int]:
        """(won, lost) among some places."""
        won = sum(self.won[place] for place in places)
        return won, len(places) - won


@dataclass(frozen=True, slots=True)
class Split:
    """Places of the leads to learn from and of those to judge on; all of the former were closed no later."""

    train: tuple[int, ...]
    later: tuple[int, ...]


def split(closed: Closed, cutoff=None) -> tuple[Split | None, dict | None]:
    """A split, or what is missing for one: (split, None) or (None, shortfall as a plain dictionary)."""
    if not closed.ids:
        return None, shortfall(0, 0).to_json() | {"part": "learn"}
    found = split_by_date(closed.closed_on, cutoff) if cutoff else split_newest(closed.closed_on, JUDGED_SHARE)
    day = {"cutoff": found.cutoff.date().isoformat()}
    if missing := shortfall(*closed.count(found.train)):
        return None, missing.to_json() | {"part": "learn"} | (day if found.later else {})
    if not found.later:
        return None, {"part": "moment"}
    if missing := shortfall(*closed.count(found.later), min_won=MIN_JUDGED, min_lost=MIN_JUDGED):
        return None, missing.to_json() | {"part": "judge"} | day
    return Split(found.train, found.later), None


def pick(columns, names, places):
    """Some rows of some columns. Needs numpy, as the columns do."""
    from numpy import array

    rows = array(places)
    return {name: columns[name][rows] for name in names}


def engine_features(features, columns):
    """How the engine reads the features, without those that are the same for every lead. Needs numpy."""
    from ..engine.leads.coded import varies

    found = []
    for feature in features:
        values = columns[feature.name]
        if not varies(values):
            continue
        if feature.kind == "text":
            found += guess_features({feature.name: values})
        else:
            found.append(Feature(feature.name, feature.kind))
    return found
