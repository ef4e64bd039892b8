"""A note when predictions rest on who somebody is rather than on what they want. Light: no numpy of its own."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from statistics import NormalDist

DOMINANT_SHARE = 0.2
CHANCE, NOTICEABLE = 0.01, 0.05  # of any group by chance alone; a gap in shares that matters
FEWEST, MOST_GROUPS = 30, 8  # leads that a group must have to be listed; groups of a field, the largest ones


@dataclass(frozen=True, slots=True)
class FairnessNote:
    """Sensitive features with their shares (0 to 1) of all mean contribution sizes, and their shares together."""

    shares: tuple[tuple[str, float], ...]
    total: float

    @property
    def words(self) -> str:
        """The note as a sentence for people.

        >>> FairnessNote((("country", 0.25), ("title", 0.05)), 0.30).words
        'country (25 %), title (5 %): 30 % of what moves predictions says who somebody is, not what they want'
        """
        named = ", ".join(f"{name} ({round(share * 100)} %)" for name, share in self.shares)
        share = round(self.total * 100)
        return f"{named}: {share} % of what moves predictions says who somebody is, not what they want"


def fairness_note(
    strengths: Mapping[str, float], sensitive: Iterable[str], *, dominant: float = DOMINANT_SHARE
) -> FairnessNote | None:
    """A note when sensitive features together make up ``dominant`` or more, else None.

    ``strengths`` is `ScoreModel.strengths()`; a pair is sensitive when one of its features is.

    >>> fairness_note({"source": 0.9, "country": 0.1}, ["country"]) is None
    True
    >>> fairness_note({"source": 0.5, "source × country": 0.5}, ["country"]).total
    0.5
    """
    barred = set(sensitive)
    whole = sum(strengths.values())
    if not whole:
        return None
    shares = [(name, size / whole) for name, size in strengths.items() if barred & set(name.split(" × "))]
    total = sum(share for _, share in shares)
    kept = tuple(sorted((item for item in shares if item[1] >= 0.005), key=lambda item: -item[1]))
    return FairnessNote(kept, total) if total >= dominant else None


@dataclass(frozen=True, slots=True)
class Group:
    """Leads with one value of a sensitive feature: their mean predicted probability, and the share that was won; and
    whether these ``differ`` by more than chance."""

    feature: str
    level: str
    leads: int
    told: float
    won: float
    differ: bool = False

    def to_json(self) -> dict:
        """A plain dictionary."""
        return asdict(self)


def groups(
    columns: Mapping[str, Sequence], chance: Sequence[float], won: Sequence[int], weights: Sequence[float]
) -> list[Group]:
    """The groups of each feature, the largest first. A field that stands for a sensitive one (nine in ten of its leads
    say the same) makes them differ even where the sensitive one is not used. Predicted and won shares differ by five
    points or more and so much that chance alone would make any of the groups do so in one of a hundred cases.

    >>> groups({"country_id": [7] * 30 + [8] * 5}, [0.4] * 35, [1, 0] * 17 + [1], [1.0] * 35)
    [Group(feature='country_id', level='7', leads=30, told=0.4, won=0.5, differ=False)]
    >>> [group.differ for group in groups({"language": ["fa"] * 200}, [0.4] * 200, [1] * 200, [1.0] * 200)]
    [True]
    """
    large = [(feature, level, rows) for feature, values in columns.items() for level, rows in _large(values)]
    limit = NormalDist().inv_cdf(1 - CHANCE / 2 / max(len(large), 1))
    found = []
    for feature, level, rows in large:
        whole = sum(weights[row] for row in rows)
        told, came = (float(sum(weights[row] * of[row] for row in rows) / whole) for of in (chance, won))
        error = sqrt(sum(weights[row] ** 2 * chance[row] * (1 - chance[row]) for row in rows)) / whole
        differ = bool(abs(told - came) >= max(NOTICEABLE, limit * error))
        found.append(Group(feature, level, len(rows), round(told, 4), round(came, 4), differ))
    return found


def _large(values: Sequence) -> list[tuple[str, list[int]]]:
    """The largest groups with the rows of each."""
    rows = defaultdict(list)
    for row, value in enumerate(values):
        if value is not None and value is not False and value == value:
            rows[str(value)].append(row)
    large = sorted((level for level in rows if len(rows[level]) >= FEWEST), key=lambda level: -len(rows[level]))
    return [(level, rows[level]) for level in large[:MOST_GROUPS]]
