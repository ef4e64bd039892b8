"""Fields that know the outcome, because they are filled after it. Needs numpy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .binning import Bins, learn_bins
from .coded import coded, numbers
from .features import Columns, Feature, is_missing
from .landmarks import LANDMARKS
from .metrics import auc, wilson

AUC_LIMIT = 0.95
PURE_SHARE = 0.9
PURE_EVIDENCE = 10.0  # a likelihood ratio that counts as strong (Jeffreys 1961, appendix B)
# An honest score of normal spread reaches this with an AUC of 0.9 by itself: out of reach for one field.
PURE_LIMIT = 1 / 3
NEVER_LEADS = 200
NEVER_LIMIT = 0.2
WON_LOST_LIMIT = 0.5
CLOSED_OPEN_LIMIT = 0.3
# At equal age: what may be filled more often in the end than then, and by how many standard errors more it must be.
LATE_LIMIT, LATE_ERRORS = 0.05, 3.0
# The same of a field that tells won from lost leads by being filled: the more it tells, the less is enough. One that is
# left out though it is honest can be trusted by a manager; one that knows the end makes all that is shown too good.
TELLING_ERRORS = 1.0


@dataclass(frozen=True, slots=True)
class Leak:
    """A suspicious feature: ``reason`` is "auc", "pure", "never", "won_lost_fill", "closed_open_fill" or "late_fill",
    ``value`` what was measured; of "never" it is positive for values that no lost lead has, negative for those that no
    won one has."""

    feature: str
    reason: str
    value: float

    @property
    def words(self) -> str:
        """The reason as a sentence for people.

        >>> Leak("lost_reason", "closed_open_fill", 0.8).words
        'lost_reason is filled 80 percentage points more often on closed leads than on open ones'
        """
        if self.reason == "auc":
            return f"{self.feature} alone tells won from lost leads almost perfectly (AUC {self.value:.3f})"
        if self.reason == "pure":
            share = round(self.value * 100)
            return (
                f"{share} % of the won and of the lost leads have a value of {self.feature} that nearly only they have"
            )
        share = round(abs(self.value) * 100)
        if self.reason == "late_fill":
            return f"{self.feature} is filled later: on {share} % more of the closed leads than of open ones as old"
        if self.reason == "never":
            most, none = ("won", "lost") if self.value > 0 else ("lost", "won")
            return f"{share} % of the {most} leads have a value of {self.feature} that no {none} lead has"
        sides = ("won", "lost") if self.reason == "won_lost_fill" else ("closed", "open")
        more, less = sides if self.value > 0 else sides[::-1]
        return f"{self.feature} is filled {share} percentage points more often on {more} leads than on {less} ones"


@dataclass(frozen=True, slots=True)
class Ages:
    """The age in days at which each known lead is seen, and that of each open one."""

    known: Sequence[float]
    open: Sequence[float]


def find_leaks(
    columns: Columns,
    won: Sequence[int],
    features: Sequence[Feature],
    open_columns: Columns | None = None,
    ages: Ages | None = None,
) -> list[Leak]:
    """Features that predict too well to be honest; one can be flagged for several reasons ("never" comes alone).

    ``open_columns`` are leads that are not closed yet, independent of one another, when there are some to compare with.
    They must be so many that chance (a Wilson 95 % interval) does not explain the gap. With ``ages`` fills are compared
    at equal age as well: what a closed lead says in the end, an open one as old as it was when it is seen does not say
    yet.
    """
    outcome = np.asarray(won, dtype=float)
    leaks = []
    for feature in features:
        now = open_columns[feature.name] if open_columns is not None else ()
        values = columns[feature.name]
        found = _value_leaks(feature, values, outcome) + _fill_leaks(feature, values, outcome, now)
        if ages is not None and len(now) and feature.name != "age":
            found += _late_leaks(feature, (_filled(feature, values), _filled(feature, now)), outcome, ages)
        leaks += found or _one_sided_leaks(feature, values, outcome)
    return leaks


def _value_leaks(feature: Feature, values: Sequence, won: np.ndarray) -> list[Leak]:
    """Whether the values tell the outcome."""
    alone, pure = single_auc(feature, values, won), pure_share(feature, values, won)
    leaks = [Leak(feature.name, "auc", alone)] if alone is not None and alone > AUC_LIMIT else []
    return leaks + ([Leak(feature.name, "pure", pure)] if pure >= PURE_LIMIT else [])


def _one_sided_leaks(feature: Feature, values: Sequence, won: np.ndarray) -> list[Leak]:
    never = max(never_shares(feature, values, won), key=abs)
    return [Leak(feature.name, "never", never)] if abs(never) >= NEVER_LIMIT else []


def _fill_leaks(feature: Feature, values: Sequence, won: np.ndarray, now: Sequence) -> list[Leak]:
    """Whether being filled tells the outcome, or that there is one."""
    fill = _filled(feature, values)
    leaks = []
    gap = _outcome_gap(fill, won)
    if abs(gap) > WON_LOST_LIMIT:
        leaks.append(Leak(feature.name, "won_lost_fill", gap))
    if len(now):
        open_fill = _filled(feature, now)
        most = wilson(float(open_fill.sum()), len(open_fill))[1]
        if fill.mean() - most > CLOSED_OPEN_LIMIT:  # filled on open leads rather: a new field, none that knows the end
            leaks.append(Leak(feature.name, "closed_open_fill", float(fill.mean() - open_fill.mean())))
    return leaks


def _late_leaks(feature: Feature, fills: tuple[np.ndarray, np.ndarray], won: np.ndarray, ages: Ages) -> list[Leak]:
    """Whether more is filled in the end than at the age at which a lead is seen: surely so; or likely so, where being
    filled tells the outcome, and open leads are filled as if that came later rather than as if it had been so all along
    (the likelier of two hypotheses)."""
    gap, error = late_fill(*fills, ages)
    surely = gap - LATE_ERRORS * error > LATE_LIMIT
    outcome_share = abs(_outcome_gap(fills[0], won)) * min(won.mean(), 1 - won.mean())
    likely = gap > max(outcome_share / 2, LATE_LIMIT / 2, TELLING_ERRORS * error) and outcome_share > LATE_LIMIT
    return [Leak(feature.name, "late_fill", gap)] if surely or likely else []


def _outcome_gap(fill: np.ndarray, won: np.ndarray) -> float:
    """How much more often won leads are filled than lost ones."""
    return float(fill[won > 0].mean() - fill[won == 0].mean()) if 0 < won.sum() < len(won) else 0.0


def late_fill(fill: np.ndarray, open_fill: np.ndarray, ages: Ages) -> tuple[float, float]:
    """(how much more often known leads are filled than open ones of the same age, its standard error): the common
    difference over the ages between landmarks (Mantel & Haenszel 1959; its variance: Greenland & Robins 1985). Leads of
    both sides were open at that age, so that what is filled before tells no difference.

    >>> late_fill(np.ones(90), np.zeros(90), Ages([0] * 90, [0.5] * 90))[0]
    1.0
    """
    known, still = (np.searchsorted(LANDMARKS, side, side="right") for side in (ages.known, ages.open))
    size = len(LANDMARKS) + 1
    n, m = (np.bincount(place, minlength=size).astype(float) for place in (known, still))
    both = (n > 0) & (m > 0)
    if not both.any():
        return 0.0, np.inf
    x, y = (np.bincount(place, side, size)[both] for place, side in ((known, fill), (still, open_fill)))
    n, m = n[both], m[both]
    weight = n * m / (n + m)
    gap = float(weight @ (x / n - y / m) / weight.sum())
    # Shares with one more of either kind: none or all of a few is not certain.
    spread = [(side + 1) / (count + 2) * (1 - (side + 1) / (count + 2)) / count for side, count in ((x, n), (y, m))]
    return gap, float(np.sqrt(weight**2 @ (spread[0] + spread[1])) / weight.sum())


def single_auc(feature: Feature, values: Sequence, won: np.ndarray) -> float | None:
    """AUC of the feature alone: each half of the leads ranked by the won shares of the bins in the other half."""
    bins = learn_bins(feature, values)
    codes = _single_codes(bins, values)
    score = np.zeros(len(won))
    half = np.zeros(len(won), dtype=bool)
    for outcome in (0, 1):  # both halves hold as many won leads
        half[np.flatnonzero(won == outcome)[::2]] = True
    for inside in (half, ~half):
        score[inside] = _rates(codes[~inside], won[~inside], int(codes.max(initial=0)) + 1)[codes[inside]]
    return auc(won, score)


def pure_share(feature: Feature, values: Sequence, won: np.ndarray) -> float:
    """Share (0 to 1) of the leads of *each* outcome that sit in bins of that outcome nearly alone; the lesser of both.

    A bin is won (lost) nearly alone when, by the edge of its Wilson 95 % interval, at least nine in ten of its leads
    are, and being in it multiplies the odds of that outcome by ten or more: where hardly any lead is won, being lost is
    no news. What is known before the outcome may single out some leads so clearly, but not a third of both sides.
    """
    if not 0 < won.sum() < len(won):
        return 0.0
    wins, losses = _outcomes(feature, values, won)
    return float(min(_pure_leads(side, wins + losses) / side.sum() for side in (wins, losses)))


def never_shares(feature: Feature, values: Sequence, won: np.ndarray) -> tuple[float, float]:
    """Share (0 to 1) of the won leads in bins without any lost one, and minus that of the lost leads without a won one.

    Counted are bins of `NEVER_LEADS` or more in which, by the rule of three (Hanley & Lippman-Hand 1983: at most three
    in n), the outcome that never came has a tenth of its overall odds or less. Some values are like that by themselves,
    but a fifth of all that was won or lost hardly ever is: that is a field which follows the outcome, as the type of
    a lead does when only promising ones are made opportunities.
    """
    if not 0 < won.sum() < len(won):
        return 0.0, 0.0
    wins, losses = _outcomes(feature, values, won)
    shares = []
    for side, other in ((wins, losses), (losses, wins)):
        telling = 3 * PURE_EVIDENCE * side.sum() / other.sum()
        shares.append(float(side[(other == 0) & (side >= max(NEVER_LEADS, telling))].sum() / side.sum()))
    return shares[0], -shares[1]


def _outcomes(feature: Feature, values: Sequence, won: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Won and lost leads in each bin."""
    codes = _single_codes(learn_bins(feature, values), values)
    wins = np.bincount(codes, won)
    return wins, np.bincount(codes) - wins


def _pure_leads(side: np.ndarray, leads: np.ndarray) -> float:
    """Leads of one outcome (``side`` of ``leads`` in each bin) in the bins that are theirs nearly alone."""
    odds = side.sum() / (leads.sum() - side.sum())
    total = 0.0
    for count, size in zip(side, leads, strict=True):
        low = wilson(int(count), int(size))[0] if size else 0.0
        if low >= PURE_SHARE and low >= PURE_EVIDENCE * odds * (1 - low):
            total += count
    return total


def _single_codes(bins: Bins, values: Sequence) -> np.ndarray:
    codes = bins.codes(values)
    if bins.feature.kind != "tags":
        return codes
    return np.unique(codes, axis=0, return_inverse=True)[1].ravel() if codes.size else np.zeros(len(values), dtype=int)


def _rates(codes: np.ndarray, won: np.ndarray, size: int) -> np.ndarray:
    """Won share of each bin, drawn toward the overall share by the weight of two leads."""
    leads = np.bincount(codes, minlength=size)
    return (np.bincount(codes, won, size) + 2 * won.mean()) / (leads + 2)


def _filled(feature: Feature, values: Sequence) -> np.ndarray:
    """1 for each value that says something; a presence may be given as a text or as whether there is one."""
    if feature.kind == "numeric":
        return (~np.isnan(numbers(values))).astype(float)
    column, nothing = coded(values), feature.kind == "presence"
    filled = [_is_filled(value) and not (nothing and value is False) for value in column.values]
    return np.array(filled, dtype=float)[column.places]


def _is_filled(value) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return bool(value)
    return not is_missing(value)
