"""Fitting the models of how often customers order: the most likely parameters given the data and a weak prior.

Heavy module: import it inside the job.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from numpy.typing import ArrayLike, NDArray

from . import bgnbd_fit, nbd, pareto_nbd
from .abstention import Reason, require
from .alive_model import AliveModel
from .bgnbd import PurchaseModel
from .histories import Histories, group_histories
from .likelihood import Prior, maximize_large

MINIMUM_CUSTOMERS = 50
PRIOR_SPREAD = 2.0


@dataclass(frozen=True, slots=True)
class Kind:
    """One model: its parameters with the medians of their prior, its likelihood, and the class of the fitted one.

    ``times`` names the parameters that are times: their median is in units of the longest time in the data.
    """

    medians: dict[str, float]
    times: frozenset[str]
    log_likelihood: Callable
    model: Callable[..., AliveModel]


# A customer in three stops after an order, or within the time of the data; an active one orders a few times within it.
KINDS = {
    "nbd": Kind({"r": 1.0, "alpha": 0.25}, frozenset({"alpha"}), nbd.log_likelihood, nbd.NbdModel),
    "bg_nbd": Kind(
        {"r": 1.0, "alpha": 0.25, "a": 1.0, "b": 2.0},
        frozenset({"alpha"}),
        partial(bgnbd_fit.log_likelihood, dropout_at_start=False),
        partial(PurchaseModel, dropout_at_start=False),
    ),
    "mbg_nbd": Kind(
        {"r": 1.0, "alpha": 0.25, "a": 1.0, "b": 2.0},
        frozenset({"alpha"}),
        partial(bgnbd_fit.log_likelihood, dropout_at_start=True),
        partial(PurchaseModel, dropout_at_start=True),
    ),
    "pareto_nbd": Kind(
        {"r": 1.0, "alpha": 0.25, "s": 1.0, "beta": 0.5},
        frozenset({"alpha", "beta"}),
        pareto_nbd.log_likelihood,
        pareto_nbd.ParetoNbdModel,
    ),
}


def fit_purchases(
    kind: str,
    frequency: ArrayLike,
    recency: ArrayLike,
    age: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    prior_spread: float | None = PRIOR_SPREAD,
    minimum_customers: int = MINIMUM_CUSTOMERS,
) -> AliveModel:
    """The model of the ``kind`` that is most likely given the customers and the prior.

    Where the data say that nobody drops out, or that all order alike, the maximum lies at or near the border of a
    parameter: a model as good as any. With ``prior_spread`` None it is the maximum of the likelihood alone, as in the
    literature, which may not exist: `CannotFit` then. Too few customers are refused with either.
    Times in whole days group best; the parameters do not depend on the order of the customers.
    """
    histories = group_histories(frequency, recency, age, weights)
    require(Reason.TOO_FEW_CUSTOMERS, found=histories.customers, needed=minimum_customers)
    return fit_histories(kind, histories, prior_spread)


def fit_histories(kind: str, histories: Histories, prior_spread: float | None = PRIOR_SPREAD) -> AliveModel:
    """`fit_purchases` for histories that are grouped already."""
    spec, scale = KINDS[kind], histories.scale
    names = tuple(spec.medians)
    scales = [scale if name in spec.times else 1.0 for name in names]
    medians = tuple(spec.medians[name] * unit for name, unit in zip(names, scales, strict=True))
    sample, full = (partial(_mean, spec.log_likelihood, part) for part in (histories.sample(), histories))
    if prior_spread is not None:
        prior = Prior(medians, prior_spread)
        sample, full = (prior.on(objective, histories.customers) for objective in (sample, full))
    best = maximize_large(sample, full, start=medians, names=names, scales=scales, border=prior_spread is not None)
    parameters = dict(zip(names, map(float, best.parameters), strict=True))
    likelihood, _gradient = spec.log_likelihood(best.parameters, histories)
    return spec.model(**parameters, log_likelihood=likelihood, customers=round(histories.customers))


def _mean(log_likelihood: Callable, histories: Histories, parameters: NDArray) -> tuple[float, NDArray]:
    """The log-likelihood a customer, and its gradient."""
    value, gradient = log_likelihood(parameters, histories)
    return value / histories.customers, gradient / histories.customers
