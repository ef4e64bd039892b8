"""The eleven usual loyalty segments as boxes of scores that cover the 5 x 5 x 5 cube exactly once.

A segment owns one box or several, all with its code. Users edit the boxes; `check_cover` names every score without a
segment and every score with two.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, product

from ..customer.rfm import SCORES, TOP, RfmScore


@dataclass(frozen=True, slots=True)
class Region:
    """A box of scores that belongs to a segment; both ends of each range count.

    >>> RfmScore(5, 1, 4) in Region("new", "New", r_min=5, r_max=5, f_min=1, f_max=1)
    True
    """

    code: str
    name: str
    r_min: int = 1
    r_max: int = TOP
    f_min: int = 1
    f_max: int = TOP
    m_min: int = 1
    m_max: int = TOP

    def __post_init__(self) -> None:
        for low, high in ((self.r_min, self.r_max), (self.f_min, self.f_max), (self.m_min, self.m_max)):
            if not 1 <= low <= high <= TOP:
                raise ValueError(f"{self.name}: a range of scores lies within 1 to {TOP}, not {low} to {high}")

    def __contains__(self, score: RfmScore) -> bool:
        return (
            self.r_min <= score.recency <= self.r_max
            and self.f_min <= score.frequency <= self.f_max
            and self.m_min <= score.monetary <= self.m_max
        )


def _box(code: str, name: str, r: tuple[int, int], f: tuple[int, int], m: tuple[int, int] = (1, TOP)) -> Region:
    return Region(code, name, *r, *f, *m)


STANDARD_REGIONS: tuple[Region, ...] = (
    _box("champions", "Champions", r=(4, 5), f=(4, 5), m=(4, 5)),
    _box("loyal", "Loyal", r=(4, 5), f=(4, 5), m=(1, 3)),
    _box("loyal", "Loyal", r=(3, 3), f=(4, 5)),
    _box("potential_loyalist", "Potential loyalist", r=(4, 5), f=(2, 3)),
    _box("new", "New", r=(5, 5), f=(1, 1)),
    _box("promising", "Promising", r=(4, 4), f=(1, 1)),
    _box("needs_attention", "Needs attention", r=(3, 3), f=(2, 3)),
    _box("about_to_sleep", "About to sleep", r=(3, 3), f=(1, 1)),
    _box("cannot_lose", "Can't lose them", r=(1, 2), f=(4, 5), m=(4, 5)),
    _box("at_risk", "At risk", r=(1, 2), f=(4, 5), m=(1, 3)),
    _box("at_risk", "At risk", r=(1, 2), f=(3, 3)),
    _box("hibernating", "Hibernating", r=(2, 2), f=(1, 2)),
    _box("hibernating", "Hibernating", r=(1, 1), f=(1, 2), m=(4, 5)),
    _box("lost", "Lost", r=(1, 1), f=(1, 2), m=(1, 3)),
)


@dataclass(frozen=True, slots=True)
class Defect:
    """A run of scores, equal but for M, that no segment owns or that several do.

    >>> str(Defect(2, 4, 1, 1, ("At risk", "Can't lose them")))
    "R=2 F=4 M=1 is in both At risk and Can't lose them"
    >>> str(Defect(2, 4, 1, 3, ()))
    'R=2 F=4 M=1 to 3 is in no segment'
    """

    recency: int
    frequency: int
    m_min: int
    m_max: int
    owners: tuple[str, ...]

    def __str__(self) -> str:
        monetary = f"{self.m_min}" if self.m_min == self.m_max else f"{self.m_min} to {self.m_max}"
        return f"R={self.recency} F={self.frequency} M={monetary} is in {self._owners()}"

    def _owners(self) -> str:
        if not self.owners:
            return "no segment"
        both = "both " if len(self.owners) == 2 else ""
        return both + ", ".join(self.owners[:-1]) + " and " + self.owners[-1]


@dataclass(frozen=True, slots=True)
class Cover:
    """What is wrong with a set of regions: nothing, if both are empty."""

    gaps: tuple[Defect, ...]
    overlaps: tuple[Defect, ...]

    def __bool__(self) -> bool:
        return not self.gaps and not self.overlaps

    def messages(self) -> list[str]:
        return [str(defect) for defect in (*self.gaps, *self.overlaps)]


def check_cover(regions: Sequence[Region]) -> Cover:
    """Whether the regions own every score exactly once. Two boxes of one segment may not share a score either.

    >>> bool(check_cover(STANDARD_REGIONS))
    True
    >>> check_cover(STANDARD_REGIONS[1:]).messages()[0]
    'R=4 F=4 M=4 to 5 is in no segment'
    """
    defects = list(_defects(regions))
    return Cover(
        gaps=tuple(defect for defect in defects if not defect.owners),
        overlaps=tuple(defect for defect in defects if defect.owners),
    )


def segment_of(score: RfmScore, regions: Iterable[Region]) -> Region:
    """The region that owns a score. `LookupError` if none does: `check_cover` first.

    >>> segment_of(RfmScore(5, 5, 5), STANDARD_REGIONS).name
    'Champions'
    """
    for region in regions:
        if score in region:
            return region
    raise LookupError(f"no segment owns the scores {score.code}")


def _defects(regions: Sequence[Region]) -> Iterator[Defect]:
    for recency, frequency in product(SCORES, SCORES):
        owners = {
            monetary: tuple(region.name for region in regions if RfmScore(recency, frequency, monetary) in region)
            for monetary in SCORES
        }
        for names, run in groupby(SCORES, key=owners.__getitem__):
            if len(names) != 1:
                scores = list(run)
                yield Defect(recency, frequency, scores[0], scores[-1], names)
