"""Distinct values and pairs, and which of them each row has.

Heavy module: import it inside the job.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

TABLE_LIMIT = 1 << 22  # a table of this many entries still fits the processor's cache better than a sort


def distinct(values: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The distinct values, rising, and the index of each row's among them.

    Whole numbers of a modest range, as days and counts are, need no sort.

    >>> values, row = distinct([30.0, 7.0, 30.0])
    >>> values.tolist(), row.tolist()
    ([7.0, 30.0], [1, 0, 1])
    """
    values = np.asarray(values, dtype=float)
    if not len(values) or not np.isfinite(values).all() or values.max() - values.min() >= TABLE_LIMIT:
        return np.unique(values, return_inverse=True)
    low = np.floor(values.min())
    whole = (values - low).astype(np.intp)
    if (whole + low != values).any():
        return np.unique(values, return_inverse=True)
    present, row = distinct_codes(whole, int(whole.max()) + 1)
    return present + low, row


def distinct_codes(codes: NDArray[np.intp], limit: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """`distinct` for whole numbers from 0 up to, but without, ``limit``.

    >>> [array.tolist() for array in distinct_codes(np.array([5, 2, 5]), 6)]
    [[2, 5], [1, 0, 1]]
    """
    if limit > TABLE_LIMIT:
        return np.unique(codes, return_inverse=True)
    present = np.zeros(limit, dtype=bool)
    present[codes] = True
    return np.flatnonzero(present), (np.cumsum(present) - 1)[codes]


def unique_pairs(left: ArrayLike, right: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The distinct pairs as rows, sorted by the first and then the second, and which of them each pair given is.

    >>> unique_pairs([2, 1, 2], [7, 9, 7])[0].tolist()
    [[1.0, 9.0], [2.0, 7.0]]
    """
    left_values, left_code = distinct(left)
    right_values, right_code = distinct(right)
    n = max(len(right_values), 1)
    keys, row = distinct_codes(left_code * n + right_code, len(left_values) * n)
    first, second = np.divmod(keys, n)
    return np.stack([left_values[first], right_values[second]], axis=1), row


def weighted_sum(weights: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """The inner product on this thread alone: that of BLAS starts several, which wait for each other on busy cores.

    >>> weighted_sum(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    11.0
    """
    return float(np.einsum("i,i", weights, values))
