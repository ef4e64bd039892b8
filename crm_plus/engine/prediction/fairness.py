"""A note when predictions rest on who somebody is rather than on what they want. Light: no numpy of its own."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

DOMINANT_SHARE = 0.2
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
    """Leads with one value of a sensitive feature: their mean predicted probability, and the share that was won."""

    feature: str
    level: str
    leads: int
    told: float
    won: float

    def to_json(self) -> dict:
        """A plain dictionary."""
        return asdict(self)


def groups(
    columns: Mapping[str, Sequence], chance: Sequence[float], won: Sequence[int], weights: Sequence[float]
) -> list[Group]:
    """The groups of each feature, the largest first. A field that stands for a sensitive one (nine in ten of its leads
    say the same) makes them differ even where the sensitive one is not used.

    >>> groups({"country_id": [7] * 30 + [8] * 5}, [0.4] * 35, [1, 0] * 17 + [1], [1.0] * 35)
    [Group(feature='country_id', level='7', leads=30, told=0.4, won=0.5)]
    """
    found = []
    for feature, values in columns.items():
        rows = defaultdict(list)
        for row, value in enumerate(values):
            if value is not None and value is not False and value == value:
                rows[str(value)].append(row)
        large = sorted((level for level in rows if len(rows[level]) >= FEWEST), key=lambda level: -len(rows[level]))
        for level in large[:MOST_GROUPS]:
            weight = sum(weights[row] for row in rows[level])
            told, came = (sum(weights[row] * of[row] for row in rows[level]) / weight for of in (chance, won))
            found.append(Group(feature, level, len(rows[level]), round(float(told), 4), round(float(came), 4)))
    return found
