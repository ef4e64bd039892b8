"""Maximizing a likelihood whose parameters are all positive.

Heavy module: import it inside the job.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from .abstention import CannotFit, Reason

SPAN = 4 * np.log(10)  # parameters are sought within 10,000 times their scale: beyond they say "none" or "all"
GRADIENT_NEEDED = 1e-4
EDGE = 0.01

Objective = Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]]


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """Where the mean log-likelihood is largest, and how large."""

    parameters: NDArray[np.float64]
    value: float
    evaluations: int


def maximize(objective: Objective, *, start: Sequence[float], names: Sequence[str], scales: Sequence[float]) -> Maximum:
    """The maximum of a mean log-likelihood per customer, searched on the logarithms of the parameters (L-BFGS-B).

    ``objective`` gives its value and its gradient by the parameters themselves. Raises `CannotFit` when a parameter
    runs to the end of its range or the search stops before the gradient vanishes.

    >>> def normal(parameters):
    ...     return -float((parameters[0] - 3) ** 2), -2 * (parameters - 3)
    >>> round(float(maximize(normal, start=[1.0], names=["mean"], scales=[1.0]).parameters[0]), 5)
    3.0
    """
    center = np.log(np.asarray(scales, dtype=float))

    def negative(logarithms: NDArray) -> tuple[float, NDArray]:
        parameters = np.exp(logarithms)
        value, gradient = objective(parameters)
        return -value, -gradient * parameters

    found = minimize(
        negative,
        np.log(np.asarray(start, dtype=float)),
        jac=True,
        method="L-BFGS-B",
        bounds=np.stack([center - SPAN, center + SPAN], axis=1),
        options={"maxiter": 1000, "maxcor": 20, "ftol": 1e-14, "gtol": 1e-8},
    )
    _check_interior(found.x, center, names)
    slope = float(np.abs(found.jac).max())
    if not slope <= GRADIENT_NEEDED:
        raise CannotFit(Reason.NOT_CONVERGED, found=slope, needed=GRADIENT_NEEDED)
    return Maximum(np.exp(found.x), -float(found.fun), int(found.nfev))


def _check_interior(logarithms: NDArray, center: NDArray, names: Sequence[str]) -> None:
    for name, value, middle in zip(names, logarithms, center, strict=True):
        if abs(value - middle) > SPAN - EDGE:
            limit = middle + np.copysign(SPAN, value - middle)
            raise CannotFit(
                Reason.NO_INTERIOR_OPTIMUM, found=float(np.exp(value)), needed=float(np.exp(limit)), detail=name
            )
