"""A note when predictions rest on who somebody is rather than on what they want. Light: no numpy of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

DOMINANT_SHARE = 0.2


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
