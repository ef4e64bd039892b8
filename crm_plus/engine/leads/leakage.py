"""Fields that know the outcome, because they are filled after it. Needs numpy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .binning import Bins, learn_bins
from .features import Columns, Feature, is_missing
from .metrics import auc

AUC_LIMIT = 0.95
WON_LOST_LIMIT = 0.5
CLOSED_OPEN_LIMIT = 0.3


@dataclass(frozen=True, slots=True)
class Leak:
    """A suspicious feature: ``reason`` is "auc", "won_lost_fill" or "closed_open_fill", ``value`` what was measured."""

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
        share = round(abs(self.value) * 100)
        sides = ("won", "lost") if self.reason == "won_lost_fill" else ("closed", "open")
        more, less = sides if self.value > 0 else sides[::-1]
        return f"{self.feature} is filled {share} percentage points more often on {more} leads than on {less} ones"


def find_leaks(
    columns: Columns, won: Sequence[int], features: Sequence[Feature], open_columns: Columns | None = None
) -> list[Leak]:
    """Features that predict too well to be honest; one can be flagged for several reasons.

    ``open_columns`` are leads that are not closed yet, when there are some to compare with.
    """
    outcome = np.asarray(won, dtype=float)
    leaks = []
    for feature in features:
        values = columns[feature.name]
        alone = single_auc(feature, values, outcome)
        if alone is not None and alone > AUC_LIMIT:
            leaks.append(Leak(feature.name, "auc", alone))
        fill = np.array([_is_filled(value) for value in values], dtype=float)
        if 0 < outcome.sum() < len(outcome):
            gap = float(fill[outcome > 0].mean() - fill[outcome == 0].mean())
            if abs(gap) > WON_LOST_LIMIT:
                leaks.append(Leak(feature.name, "won_lost_fill", gap))
        if open_columns is not None and len(open_columns[feature.name]):
            now = np.mean([_is_filled(value) for value in open_columns[feature.name]])
            gap = float(fill.mean() - now)
            if abs(gap) > CLOSED_OPEN_LIMIT:
                leaks.append(Leak(feature.name, "closed_open_fill", gap))
    return leaks


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


def _single_codes(bins: Bins, values: Sequence) -> np.ndarray:
    codes = bins.codes(values)
    if bins.feature.kind != "tags":
        return codes
    return np.unique(codes, axis=0, return_inverse=True)[1].ravel() if codes.size else np.zeros(len(values), dtype=int)


def _rates(codes: np.ndarray, won: np.ndarray, size: int) -> np.ndarray:
    """Won share of each bin, drawn towards the overall share by the weight of two leads."""
    leads = np.bincount(codes, minlength=size)
    return (np.bincount(codes, won, size) + 2 * won.mean()) / (leads + 2)


def _is_filled(value) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return bool(value)
    return not is_missing(value)
