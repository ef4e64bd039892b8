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
STARTER = 20_000  # rows that tell where the search over all rows may start
GRADIENT_NEEDED = 1e-4
EDGE = 0.01
NEWTON_STEPS = 12
NEWTON_PRECISION = 1e-7  # relative, of each parameter
CURVATURE_STEP = 1e-4
FLAT = 1e-8  # slope by the logarithm of a parameter below which a direction that the data leave open is at its end

Objective = Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]]


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """Where the mean log-likelihood is largest, and how large."""

    parameters: NDArray[np.float64]
    value: float
    evaluations: int


@dataclass(frozen=True, slots=True)
class Prior:
    """Log-normal beliefs about parameters, all independent: their medians, the standard deviation of the logarithms.

    A weak one does not move what the data know. Where they say "none" or "all", so that the likelihood rises towards
    the border of a parameter, it makes the maximum a point (Gelman, Jakulin, Pittau and Su, "A Weakly Informative
    Default Prior Distribution", Annals of Applied Statistics 2, 2008, do so for regressions).
    """

    medians: tuple[float, ...]
    spread: float = 2.0

    def on(self, objective: Objective, customers: float) -> Objective:
        """The objective, a mean per customer, with the logarithm of the prior's density added."""
        middle = np.log(self.medians)

        def posterior(parameters: NDArray) -> tuple[float, NDArray]:
            value, gradient = objective(parameters)
            off = (np.log(parameters) - middle) / self.spread
            return value - off @ off / (2 * customers), gradient - off / (self.spread * customers * parameters)

        return posterior


def maximize(
    objective: Objective,
    *,
    start: Sequence[float],
    names: Sequence[str],
    scales: Sequence[float],
    border: bool = False,
) -> Maximum:
    """The maximum of a mean log-likelihood per customer, searched on the logarithms of the parameters (L-BFGS-B).

    ``objective`` gives its value and its gradient by the parameters themselves. Raises `CannotFit` when a parameter
    runs to the end of its range or the search stops before the gradient vanishes; with ``border`` neither is a failure:
    the end of the range is as good a model as any inside it.

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
    if border:
        return Maximum(np.exp(found.x), -float(found.fun), int(found.nfev))
    _check_interior(found.x, center, names)
    slope = float(np.abs(found.jac).max())
    if not slope <= GRADIENT_NEEDED:
        raise CannotFit(Reason.NOT_CONVERGED, found=slope, needed=GRADIENT_NEEDED)
    return Maximum(np.exp(found.x), -float(found.fun), int(found.nfev))


def maximize_large(
    sample: Objective,
    objective: Objective,
    *,
    start: Sequence[float],
    names: Sequence[str],
    scales: Sequence[float],
    border: bool = False,
) -> Maximum:
    """`maximize` for an objective that is dear to evaluate, given the same one over a sample of its rows.

    The sample's maximum and curvature are found first. From there Newton steps with the sample's curvature and the full
    gradient close in on the full maximum, the error falling by the sample's relative error each time; should they not
    close in, the full search takes over.
    """
    try:
        rough = maximize(sample, start=start, names=names, scales=scales, border=border)
        _check_interior(np.log(rough.parameters), np.log(np.asarray(scales, dtype=float)), names)
    except CannotFit:
        return maximize(objective, start=start, names=names, scales=scales, border=border)
    logarithms = np.log(rough.parameters)
    curvature = _curvature(sample, logarithms)
    for evaluations in range(1, NEWTON_STEPS + 1):
        parameters = np.exp(logarithms)
        value, gradient = objective(parameters)
        step = np.linalg.lstsq(curvature, -gradient * parameters, rcond=None)[0]
        if np.abs(step).max() < NEWTON_PRECISION or (border and np.abs(gradient * parameters).max() < FLAT):
            _check_interior(logarithms, np.log(np.asarray(scales, dtype=float)), names)
            return Maximum(parameters, value, evaluations)
        logarithms = logarithms + np.clip(step, -1, 1)
    return maximize(objective, start=rough.parameters, names=names, scales=scales, border=border)


def _curvature(objective: Objective, logarithms: NDArray) -> NDArray[np.float64]:
    """The second derivatives by the logarithms of the parameters, from central differences of the gradient."""

    def gradient(at: NDArray) -> NDArray:
        return objective(np.exp(at))[1] * np.exp(at)

    steps = CURVATURE_STEP * np.eye(len(logarithms))
    rows = [(gradient(logarithms + step) - gradient(logarithms - step)) / (2 * CURVATURE_STEP) for step in steps]
    return (np.array(rows) + np.array(rows).T) / 2


def _check_interior(logarithms: NDArray, center: NDArray, names: Sequence[str]) -> None:
    for name, value, middle in zip(names, logarithms, center, strict=True):
        if abs(value - middle) > SPAN - EDGE:
            limit = middle + np.copysign(SPAN, value - middle)
            raise CannotFit(
                Reason.NO_INTERIOR_OPTIMUM, found=float(np.exp(value)), needed=float(np.exp(limit)), detail=name
            )
