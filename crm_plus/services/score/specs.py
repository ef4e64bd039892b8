"""Rules and settings of one company, ready to be composed into SQL. Points and caps are texts with 2 places."""

from dataclasses import dataclass
from datetime import date
from itertools import product

from ...engine.score.hot import HOT_FROM

AXIS = {"fit": "fit", "engagement": "engagement", "silence": "engagement"}
DIRECTIONS = {"contact": ("in", "out"), "in": ("in",), "out": ("out",), "any": ("in", "out", "none")}


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One rule; ``position`` is its place among the company's rules, which is the order of its lines."""

    id: int
    position: int
    kind: str
    points: str
    cap: str | None = None
    group_id: int | None = None
    applies_on: str = "lead"
    domain: str = "[]"
    definer_id: int | None = None
    channel_ids: tuple[int, ...] = ()
    direction: str = "contact"
    period_days: int | None = None
    once: bool = False
    half_life_days: float | None = None
    silence_days: int = 0

    @property
    def axis(self) -> str:
        """The score it counts for: "fit" or "engagement"."""
        return AXIS[self.kind]

    @property
    def directions(self) -> tuple[str, ...]:
        return DIRECTIONS[self.direction]


@dataclass(frozen=True, slots=True)
class ScoreSettings:
    """How one company scores, on one day of its time zone."""

    company_id: int
    today: date
    tz: str
    fit_weight: str = "0.5"
    fit_cuts: tuple[str, ...] = ("75", "50", "25")
    engagement_cuts: tuple[str, ...] = ("75", "50", "25")
    group_caps: tuple[tuple[int, str], ...] = ()
    hot_score: str = f"{HOT_FROM:.2f}"
    notify_hot: bool = False


def horizons(rules) -> dict[tuple[int, str], int | None]:
    """How many days of events the rules look back, by channel and direction; None: any number.

    >>> calls = RuleSpec(1, 1, "engagement", "5.00", channel_ids=(7,), direction="in", period_days=90)
    >>> horizons([calls, RuleSpec(2, 2, "silence", "-5.00", channel_ids=(7,), silence_days=30)])
    {(7, 'in'): 90, (7, 'out'): 30}
    """
    found: dict[tuple[int, str], int | None] = {}
    for rule in rules:
        if rule.kind != "fit":
            days = rule.silence_days if rule.kind == "silence" else rule.period_days
            for kind in product(rule.channel_ids, rule.directions):
                known = found.get(kind, 0)
                found[kind] = None if days is None or known is None else max(days, known)
    return found
