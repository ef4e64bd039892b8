"""The arithmetic of score rules. Light: standard library only.

The host evaluates rules for all leads in SQL; these functions are the specification, and the SQL twin must give the
same numbers. All points are decimals with 2 places, rounded half away from zero as PostgreSQL's
``round(numeric, 2)`` does. The decay factor is a double rounded to 6 places *before* it is multiplied:

    round(points * round(power(0.5::float8, greatest(age, 0)::float8 / half_life::float8)::numeric, 6), 2)

Caps and clips are lines of their own, so the lines of a lead always add up to its score exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
MICRO = Decimal("0.000001")
ZERO = Decimal("0.00")
LOWEST, HIGHEST = Decimal("0.00"), Decimal("100.00")


def rounded(points: Decimal) -> Decimal:
    """Points with 2 places, half away from zero.

    >>> [str(rounded(Decimal(text))) for text in ("1.005", "-1.005", "2")]
    ['1.01', '-1.01', '2.00']
    """
    return points.quantize(CENT, rounding=ROUND_HALF_UP)


def decay_factor(age_days: float, half_life_days: float) -> Decimal:
    """How much of an event's points is left at an age in days: a half after every half-life.

    An event that lies ahead counts in full. Raises ValueError for a half-life that is not positive.

    >>> decay_factor(15, 30)
    Decimal('0.707107')
    >>> decay_factor(-3, 30)
    Decimal('1.000000')
    """
    if not half_life_days > 0:
        raise ValueError("The half-life must be longer than zero days.")
    factor = 0.5 ** (max(float(age_days), 0.0) / float(half_life_days))
    return Decimal(f"{factor:.15g}").quantize(MICRO, rounding=ROUND_HALF_UP)  # 15 digits: PostgreSQL's float8::numeric


def event_points(points: Decimal, age_days: float, half_life_days: float | None = None) -> Decimal:
    """The points of one interaction; without a half-life they never fade.

    >>> event_points(Decimal("10"), 30, 30)
    Decimal('5.00')
    >>> event_points(Decimal("-3.35"), 400)
    Decimal('-3.35')
    """
    factor = Decimal(1) if half_life_days is None else decay_factor(age_days, half_life_days)
    return rounded(points * factor)


def counted_channels(named: Sequence[int], contact: Sequence[int]) -> tuple[int, ...]:
    """The channels whose events a rule counts: those it names, else those of contact with the customer.

    What became of one of our records (a lead that was created, won or lost) is no engagement of the customer, so it
    counts only where a rule names that channel.

    >>> counted_channels((), contact=(1, 2)), counted_channels((9,), contact=(1, 2))
    ((1, 2), (9,))
    """
    return tuple(named) or tuple(contact)


def counted_direction(direction: str, named: Sequence[int], contact: Sequence[int]) -> str:
    """The direction of the events that a rule counts: what became of own records comes from nobody and goes to nobody,
    so that a rule that names nothing but such channels counts them whatever their direction.

    >>> counted_direction("contact", (9,), contact=(1, 2)), counted_direction("contact", (1, 9), contact=(1, 2))
    ('any', 'contact')
    """
    return "any" if direction == "contact" and named and not set(named) & set(contact) else direction


@dataclass(frozen=True, slots=True)
class RulePoints:
    """What one rule gives a lead before caps: the sum of its (rounded) events or its fixed points.

    ``cap`` limits the size of the rule's points in either direction; ``group`` is the key of its group, if any.
    """

    rule: str
    points: Decimal
    cap: Decimal | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One line of a score: ``kind`` is "rule", "rule_cap", "group_cap" or "clip", ``key`` the rule or group."""

    kind: str
    key: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class RuleScore:
    """A score from 0 to 100 and the lines that add up to it exactly."""

    score: Decimal
    lines: tuple[ScoreLine, ...]

    def to_json(self) -> dict:
        """A plain dictionary; points are texts with 2 places, so nothing is lost.

        >>> add_up([RulePoints("fair", Decimal("5"))]).to_json()
        {'score': '5.00', 'lines': [['rule', 'fair', '5.00']]}
        """
        return {"score": str(self.score), "lines": [[line.kind, line.key, str(line.points)] for line in self.lines]}


def capped(points: Decimal, cap: Decimal | None) -> Decimal:
    """Points no larger than ``cap`` in either direction.

    >>> [capped(Decimal(value), Decimal(20)) for value in (25, -25, 5)]
    [Decimal('20'), Decimal('-20'), Decimal('5')]
    """
    return points if cap is None else max(-cap, min(points, cap))


def add_up(rules: Sequence[RulePoints], group_caps: Mapping[str, Decimal] | None = None) -> RuleScore:
    """The score of one lead: rules, then their own caps, then the caps of their groups, then 0 to 100.

    What a cap or the clip takes away (or adds) is a line of its own; lines of zero are left out.

    >>> score = add_up([RulePoints("mail", Decimal("70"), Decimal("60")), RulePoints("call", Decimal("55"))])
    >>> [(line.kind, line.key, str(line.points)) for line in score.lines], str(score.score)
    ([('rule', 'mail', '70.00'), ('rule', 'call', '55.00'), ('rule_cap', 'mail', '-10.00'), ('clip', '', '-15.00')],
     '100.00')
    """
    lines = [ScoreLine("rule", rule.rule, rounded(rule.points)) for rule in rules]
    groups: dict[str, Decimal] = {}
    for rule in rules:
        kept = rounded(capped(rounded(rule.points), rule.cap))
        lines.append(ScoreLine("rule_cap", rule.rule, kept - rounded(rule.points)))
        if rule.group is not None:
            groups[rule.group] = groups.get(rule.group, ZERO) + kept
    for group, points in groups.items():
        kept = rounded(capped(points, (group_caps or {}).get(group)))
        lines.append(ScoreLine("group_cap", group, kept - points))
    total = sum((line.points for line in lines), ZERO)
    score = max(LOWEST, min(total, HIGHEST))
    lines.append(ScoreLine("clip", "", score - total))
    return RuleScore(score, tuple(line for line in lines if line.points))


def lead_score(fit: Decimal, engagement: Decimal, fit_weight: Decimal = Decimal("0.5")) -> tuple[Decimal, Decimal]:
    """The parts of fit and engagement (each 0 to 100) in the lead's score; their sum is the score, 0 to 100.

    The sum is rounded, and engagement is what is left of it after fit, so the two always add up. In SQL:
    ``round(fit * w, 2)`` and ``round(fit * w + engagement * (1 - w), 2) - round(fit * w, 2)``.

    >>> lead_score(Decimal("33.33"), Decimal("66.67"))
    (Decimal('16.67'), Decimal('33.33'))
    """
    part = rounded(fit * fit_weight)
    return part, rounded(fit * fit_weight + engagement * (1 - fit_weight)) - part


def grade(
    fit: Decimal,
    engagement: Decimal,
    fit_cuts: Sequence[Decimal] = (Decimal(75), Decimal(50), Decimal(25)),
    engagement_cuts: Sequence[Decimal] = (Decimal(75), Decimal(50), Decimal(25)),
) -> str:
    """Letter for fit (A best), digit for engagement (1 best); a score equal to a cut reaches the better grade.

    Raises ValueError unless there are three cuts in falling order.

    >>> grade(Decimal("75"), Decimal("74.99")), grade(Decimal(0), Decimal(100))
    ('A2', 'D1')
    """
    return "ABCD"[_step(fit, fit_cuts)] + "1234"[_step(engagement, engagement_cuts)]


def _step(score: Decimal, cuts: Sequence[Decimal]) -> int:
    if len(cuts) != 3 or not cuts[0] > cuts[1] > cuts[2]:
        raise ValueError(f"Three thresholds in falling order are needed, not {', '.join(map(str, cuts))}.")
    return sum(score < cut for cut in cuts)


@dataclass(frozen=True, slots=True)
class GradeMoves:
    """How many leads go from one grade to another, ``((before, after, leads), ...)``, and the largest movers.

    ``top`` holds (lead, change in score), the largest change in size first.
    """

    moves: tuple[tuple[str, str, int], ...]
    top: tuple[tuple[int, Decimal], ...]


def grade_moves(
    before: Mapping[int, tuple[str, Decimal]], after: Mapping[int, tuple[str, Decimal]], *, top: int = 10
) -> GradeMoves:
    """Compare grades and scores of the same leads, ``{lead: (grade, score)}``, before and after a change of rules.

    >>> moves = grade_moves({1: ("B2", Decimal(50))}, {1: ("A2", Decimal(80))})
    >>> moves.moves, moves.top
    ((('B2', 'A2', 1),), ((1, Decimal('30')),))
    """
    counts: dict[tuple[str, str], int] = {}
    changes = []
    for lead, (old_grade, old_score) in before.items():
        new_grade, new_score = after[lead]
        if old_grade != new_grade:
            counts[old_grade, new_grade] = counts.get((old_grade, new_grade), 0) + 1
        if old_score != new_score:
            changes.append((lead, new_score - old_score))
    changes.sort(key=lambda change: (-abs(change[1]), change[0]))
    return GradeMoves(tuple((*pair, leads) for pair, leads in sorted(counts.items())), tuple(changes[:top]))
