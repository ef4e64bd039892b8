"""Weights of leads: how many others each stands for. Needs numpy."""

from collections.abc import Sequence

import numpy as np


def effective(weights: Sequence[float] | None, leads: int, groups: np.ndarray | None = None) -> np.ndarray:
    """Weights that sum to what the leads are worth as evidence, shape (n,): Kish's (1965) effective number of leads,
    (sum w)^2 / sum w^2. Equal weights (or None) become one each. Rows with the same number in ``groups`` (n,) are one
    lead, which is worth no more for being seen several times.

    >>> effective([1, 1, 2], 3).tolist()
    [0.6666666666666666, 0.6666666666666666, 1.3333333333333333]
    >>> effective(None, 2).tolist()
    [1.0, 1.0]
    >>> effective(None, 4, np.array([0, 0, 1, 1])).tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    given = plain(weights, leads)
    whole = given if groups is None else np.bincount(groups, given)
    return given * (whole.sum() / np.square(whole).sum()) if len(given) else given


def plain(weights: Sequence[float] | None, leads: int) -> np.ndarray:
    """The weights as they are, shape (n,); None: one each.

    >>> plain(None, 2).tolist(), plain([1, 3], 2).tolist()
    ([1.0, 1.0], [1.0, 3.0])
    """
    return np.ones(leads) if weights is None else np.asarray(weights, dtype=float)


def aged(weights: Sequence[float], ages: Sequence[float], half_life: float) -> list[float]:
    """Weights of leads whose outcome has been known for so many days: after each half-life, half as much (exponential
    forgetting: Gama et al. 2014, "A Survey on Concept Drift Adaptation", ACM Computing Surveys 46(4)).

    >>> aged([1.0, 2.0], [0, 180], 180)
    [1.0, 1.0]
    """
    return [weight * 0.5 ** (max(age, 0) / half_life) for weight, age in zip(weights, ages, strict=True)]
