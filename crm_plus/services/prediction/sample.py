"""The closed leads of one training, as columns, split into older and newer ones. Light: no numpy.

Each lead is seen once, at one of its landmarks, and counts by its weight (see `engine.prediction.landmarks`).
"""

from dataclasses import dataclass
from datetime import datetime

from ...engine.prediction.features import Feature, guess_features
from ...engine.prediction.landmarks import landmark, seen_shares
from ...engine.prediction.shortfall import shortfall
from ...engine.prediction.split import split_by_date, split_newest

JUDGED_SHARE = 0.3
MIN_JUDGED = 10
BEGIN = datetime(1970, 1, 1)
# Dated by nature, so they cannot know the outcome: only fields without a history are checked for leakage.
WITHOUT_HISTORY = ("lead", "partner", "property")


@dataclass(frozen=True, slots=True)
class Closed:
    """Closed leads: ids in ascending order, when each was created and closed, and whether it was won (1 or 0)."""

    ids: tuple[int, ...] = ()
    created_on: tuple = ()
    closed_on: tuple = ()
    won: tuple[int, ...] = ()

    @property
    def ages(self) -> dict[int, int]:
        """The age in days at which each lead is seen, by id."""
        return {number: landmark(number, life)[0] for number, life in zip(self.ids, self._lives(), strict=True)}

    def reached(self, places) -> list[int]:
        """How many landmarks each of some places was open at: what it stands for."""
        lives = self._lives()
        return [landmark(self.ids[place], lives[place])[1] for place in places]

    def weights(self, places, created, until, since=None) -> list[float]:
        """How many leads each of some places stands for among those closed from ``since`` to ``until``.

        ``created``: the days on which all leads of the scope were created, ascending, counted like those of `day`.
        """
        lives = self._lives()
        shares = seen_shares([lives[place] for place in places], created, day(until), since and day(since))
        return [reached / share for reached, share in zip(self.reached(places), shares, strict=True)]

    def _lives(self):
        return [day(end) - day(start) for start, end in zip(self.created_on, self.closed_on, strict=True)]

    def count(self, places) -> tuple[int, int]:
        """(won, lost) among some places."""
        won = sum(self.won[place] for place in places)
        return won, len(places) - won


def day(moment) -> float:
    """Days since the beginning of 1970."""
    return (moment - BEGIN).total_seconds() / 86400


@dataclass(frozen=True, slots=True)
class Split:
    """Places of the leads to learn from and of those to judge on, with their weights; the former closed no later."""

    train: tuple[int, ...]
    later: tuple[int, ...]
    train_weights: list[float]
    later_weights: list[float]


def split(closed: Closed, created, cutoff=None) -> tuple[Split | None, dict | None]:
    """A split, or what is missing for one: (split, None) or (None, shortfall as a plain dictionary).

    ``created`` is that of `Closed.weights`.
    """
    if not closed.ids:
        return None, shortfall(0, 0).to_json() | {"part": "learn"}
    found = split_by_date(closed.closed_on, cutoff) if cutoff else split_newest(closed.closed_on, JUDGED_SHARE)
    until = {"cutoff": found.cutoff.date().isoformat()}
    if missing := shortfall(*closed.count(found.train)):
        return None, missing.to_json() | {"part": "learn"} | (until if found.later else {})
    if not found.later:
        return None, {"part": "moment"}
    if missing := shortfall(*closed.count(found.later), min_won=MIN_JUDGED, min_lost=MIN_JUDGED):
        return None, missing.to_json() | {"part": "judge"} | until
    train_weights = closed.weights(found.train, created, found.cutoff)
    later_weights = closed.weights(found.later, created, max(closed.closed_on), found.cutoff)
    return Split(found.train, found.later, train_weights, later_weights), None


def dates(closed: Closed, split: Split, now: datetime) -> dict:
    """From when to when a version has learnt and was judged, and on how many leads, as its values."""
    learnt, later = ([closed.closed_on[place] for place in part] for part in (split.train, split.later))
    (won, lost), (judged_won, judged_lost) = closed.count(split.train), closed.count(split.later)
    return {
        "trained_from": min(learnt).date(),
        "trained_to": max(learnt).date(),
        # A day to come would hide from the check of drift whatever is closed until then.
        "judged_to": min(max(later), now).date(),
        "train_won": won,
        "train_lost": lost,
        "judged_won": judged_won,
        "judged_lost": judged_lost,
    }


def pick(columns, names, places):
    """Some rows of some columns. Needs numpy, as the columns do."""
    from numpy import array

    rows = array(places)
    return {name: columns[name][rows] for name in names}


def engine_features(features, columns):
    """How the engine reads the features, without those that are the same for every lead. Needs numpy."""
    from ...engine.prediction.coded import varies

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
