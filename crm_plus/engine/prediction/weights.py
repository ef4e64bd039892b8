"""Weights of leads: how many others each stands for. Needs numpy."""

from collections.abc import Sequence

import numpy as np


def effective(weights: Sequence[float] | None, leads: int) -> np.ndarray:
    """Weights that sum to what the leads are worth as evidence, shape (n,): Kish's (1965) effective number of leads,
    (sum w)^2 / sum w^2. Equal weights (or None) become one each.

    >>> effective([1, 1, 2], 3).tolist()
    [0.6666666666666666, 0.6666666666666666, 1.3333333333333333]
    >>> effective(None, 2).tolist()
    [1.0, 1.0]
    """
    if weights is None:
        return np.ones(leads)
    given = np.asarray(weights, dtype=float)
    return given * (given.sum() / np.square(given).sum()) if len(given) else given


def aged(weights: Sequence[float], ages: Sequence[float], half_life: float) -> list[float]:
    """Weights of leads whose outcome has been known for so many days: after each half-life, half as much (exponential
    forgetting: Gama et al. 2014, "A Survey on Concept Drift Adaptation", ACM Computing Surveys 46(4)).

    >>> aged([1.0, 2.0], [0, 180], 180)
    [1.0, 1.0]
    """
    return [weight * 0.5 ** (max(age, 0) / half_life) for weight, age in zip(weights, ages, strict=True)]
