"""The leads of one training, as columns, split into older and newer ones. Light: no numpy.

Each lead is seen once, at one of its landmarks, and counts by its weight (see `engine.prediction.landmarks`); open ones
are among them, once they have not been won for long enough (see `engine.prediction.horizon`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ...engine.prediction.features import Feature, guess_features
from ...engine.prediction.horizon import FEW_LEADS, seen, seen_at_others
from ...engine.prediction.landmarks import seen_shares
from ...engine.prediction.shortfall import shortfall
from ...engine.prediction.split import rolling_origins, split_by_date, split_newest
from .stage import DAYS, MOST_UNKNOWN, STAGE

JUDGED_SHARE = 0.3
MIN_JUDGED = 10
ORIGINS = (0.4, 0.6, 0.8)
BEGIN = datetime(1970, 1, 1)
# Dated by nature, so they cannot know the outcome: only fields without a history are checked for leakage.
WITHOUT_HISTORY = ("lead", "partner", "property", "stage")


@dataclass(frozen=True, slots=True)
class Known:
    """Leads whose outcome is known, each at one of its landmarks: ids in ascending order, when each was created and
    when its outcome was known, whether it was won by then (1 or 0), its age in days at the landmark, and how many
    landmarks it stands for. ``others`` are the same leads at their other landmarks, as far as leads are few: to learn
    from, never to judge on."""

    ids: tuple[int, ...] = ()
    created_on: tuple = ()
    known_on: tuple = ()
    won: tuple[int, ...] = ()
    seen_at: tuple[int, ...] = ()
    stands_for: tuple[int, ...] = ()
    others: "Known | None" = None

    @classmethod
    def of(cls, rows, horizon, usable, now, since=None):
        """Those of rows (id, when created, when closed or None, won) whose outcome is known by ``now``, and was not
        on the day ``since``."""
        found, others = [], []
        for number, created, closed, won in rows:
            life = day(closed or now) - day(created)
            lead = number, life, None if closed is None else won, horizon, usable
            moments = created, closed, life
            if (first := seen(*lead)) is not None:
                found.append(_sighting(number, first, *moments))
            if len(rows) <= FEW_LEADS:
                others += [_sighting(number, one, *moments) for one in seen_at_others(*lead)]
        found, others = ([row for row in side if since is None or row[2].date() > since] for side in (found, others))
        return cls(*_turned(found), others=cls(*_turned(others)) if others else None)

    def every(self) -> "Known":
        """These, at the same places, and behind them the others, which stand for one landmark each. Those that are
        seen again then stand for one as well."""
        if self.others is None:
            return self
        again, other = set(self.others.ids), self.others
        stands_for = (1 if lead in again else count for lead, count in zip(self.ids, self.stands_for, strict=True))
        return Known(
            self.ids + other.ids,
            self.created_on + other.created_on,
            self.known_on + other.known_on,
            self.won + other.won,
            self.seen_at + other.seen_at,
            (*stands_for, *other.stands_for),
        )

    def again(self, places, until) -> tuple[int, ...]:
        """Some places, and those in `every` of the same leads at landmarks whose outcome was known by ``until``."""
        if self.others is None:
            return tuple(places)
        leads, first = {self.ids[place] for place in places}, len(self.ids)
        found = zip(self.others.ids, self.others.known_on, strict=True)
        return (*places, *(first + row for row, (lead, known) in enumerate(found) if lead in leads and known <= until))

    @property
    def ages(self) -> dict[int, int]:
        """The age in days at which each lead is seen, by id."""
        return dict(zip(self.ids, self.seen_at, strict=True))

    def reached(self, places) -> list[int]:
        """How many landmarks each of some places stands for."""
        return [self.stands_for[place] for place in places]

    def weights(self, places, created, until, since=None) -> list[float]:
        """How many leads each of some places stands for among those known from ``since`` to ``until``.

        ``created``: the days on which all leads of the scope were created, ascending, counted like those of `day`.
        """
        watched = [day(self.known_on[place]) - day(self.created_on[place]) for place in places]
        shares = seen_shares(watched, created, day(until), since and day(since))
        return [reached / share for reached, share in zip(self.reached(places), shares, strict=True)]

    def count(self, places) -> tuple[int, int]:
        """(won, not won) among some places."""
        won = sum(self.won[place] for place in places)
        return won, len(places) - won


def _sighting(number, one, created, closed, life) -> tuple:
    known = closed if one.watched == life else created + timedelta(days=one.watched)
    return number, created, known, one.won, one.age, one.stands_for


def _turned(rows) -> list[tuple]:
    return list(zip(*rows, strict=True))


def day(moment) -> float:
    """Days since the beginning of 1970."""
    return (moment - BEGIN).total_seconds() / 86400


@dataclass(frozen=True, slots=True)
class Split:
    """Places of the leads to learn from and of those to judge on, with their weights; the former known no later."""

    train: tuple[int, ...]
    later: tuple[int, ...]
    train_weights: list[float]
    later_weights: list[float]


def split(known: Known, created, cutoff=None) -> tuple[Split | None, dict | None]:
    """A split, or what is missing for one: (split, None) or (None, shortfall as a plain dictionary).

    ``created`` is that of `Known.weights`.
    """
    if not known.ids:
        return None, shortfall(0, 0).to_json() | {"part": "learn"}
    found = split_by_date(known.known_on, cutoff) if cutoff else split_newest(known.known_on, JUDGED_SHARE)
    until = {"cutoff": found.cutoff.date().isoformat()}
    if missing := shortfall(*known.count(found.train)):
        return None, missing.to_json() | {"part": "learn"} | (until if found.later else {})
    if not found.later:
        return None, {"part": "moment"}
    if missing := shortfall(*known.count(found.later), min_won=MIN_JUDGED, min_lost=MIN_JUDGED):
        return None, missing.to_json() | {"part": "judge"} | until
    train_weights = known.weights(found.train, created, found.cutoff)
    later_weights = known.weights(found.later, created, max(known.known_on), found.cutoff)
    return Split(found.train, found.later, train_weights, later_weights), None


def aged(known: Known, places, weights, until, half_life):
    """Weights of some places, half as much for each half-life (days) that their outcome has been known by ``until``."""
    from ...engine.prediction.weights import aged as weigh

    return weigh(weights, [day(until) - day(known.known_on[place]) for place in places], half_life)


def earlier(known: Known, split: Split, created):
    """The splits of the leads that ``split`` learns from, at `ORIGINS`, for as many as have enough to learn from."""
    last = max(known.known_on[place] for place in split.train)
    for origin, end in rolling_origins([known.known_on[place] for place in split.train], last, ORIGINS):
        train = tuple(place for place in split.train if known.known_on[place] <= origin)
        later = tuple(place for place in split.train if origin < known.known_on[place] <= end)
        if later and not shortfall(*known.count(train)):
            weights = known.weights(train, created, origin), known.weights(later, created, end, origin)
            yield Split(train, later, *weights)


def dates(known: Known, split: Split, now: datetime) -> dict:
    """From when to when a version has learned and was judged, and on how many leads, as its values."""
    learned, later = ([known.known_on[place] for place in part] for part in (split.train, split.later))
    (won, lost), (judged_won, judged_lost) = known.count(split.train), known.count(split.later)
    return {
        "trained_from": min(learned).date(),
        "trained_to": max(learned).date(),
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


def _is_mostly_unknown(feature, values):
    """Whether the stages of too many leads were not kept."""
    from ...engine.prediction.features import is_missing

    if feature.name not in (STAGE, DAYS):
        return False
    missing = sum(is_missing(value) for value in values)
    return missing > MOST_UNKNOWN * len(values)


def engine_features(features, columns):
    """How the engine reads the features, without those that are the same for every lead. Needs numpy."""
    from ...engine.prediction.coded import varies

    found = []
    for feature in features:
        values = columns[feature.name]
        if not varies(values) or _is_mostly_unknown(feature, values):
            continue
        if feature.kind == "text":
            found += guess_features({feature.name: values})
        else:
            found.append(Feature(feature.name, feature.kind))
    return found
