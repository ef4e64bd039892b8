"""Expectations over a Beta distribution by Gauss-Jacobi quadrature.

Heavy module: import it inside the job.
"""

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

NODES = 40


def beta_nodes(a: float, b: NDArray[np.float64], nodes: int = NODES) -> tuple[NDArray, NDArray]:
    """Nodes and weights, each of shape (len(b), nodes), of the rules for p ~ Beta(a, b[i]).

    A rule's weights sum to 1 and ``weights @ f(nodes)`` is exact for polynomials up to degree ``2 * nodes - 1``.
    The nodes are the eigenvalues of the tridiagonal matrix of the Jacobi polynomials' recurrence (Golub and Welsch,
    1969), which holds for any positive a and b without overflow.

    >>> p, weight = beta_nodes(2.0, np.array([3.0]))
    >>> round(float((weight * p).sum()), 12)
    0.4
    """
    n = np.arange(nodes, dtype=float)
    beta, alpha = a - 1.0, (b - 1.0)[:, None]
    total = 2 * n + alpha + beta
    with np.errstate(invalid="ignore", divide="ignore"):
        diagonal = (beta**2 - alpha**2) / (total * (total + 2))
        m = n[1:]
        square = 4 * m * (m + alpha) * (m + beta) * (m + alpha + beta)
        square /= total[:, 1:] ** 2 * (total[:, 1:] + 1) * (total[:, 1:] - 1)
    diagonal[:, 0] = ((beta - alpha) / (alpha + beta + 2))[:, 0]
    square[:, 0] = (4 * (1 + alpha) * (1 + beta) / ((alpha + beta + 2) ** 2 * (alpha + beta + 3)))[:, 0]
    matrix = np.zeros((len(b), nodes, nodes))
    i = np.arange(nodes)
    matrix[:, i, i] = (1 + diagonal) / 2
    matrix[:, i[1:], i[:-1]] = np.sqrt(square) / 2
    with threadpool_limits(1):  # the matrices are small: threads would only wait for each other
        values, vectors = np.linalg.eigh(matrix, UPLO="L")
    return np.clip(values, np.finfo(float).tiny, 1.0), vectors[:, 0, :] ** 2
