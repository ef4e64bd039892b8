"""Which products lead to which others: support, confidence and lift of pairs (Agrawal, Imielinski and Swami, 1993).

Heavy module: import it inside the job.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True)
class Affinity:
    """Customers who buy ``product`` also buy ``other``.

    ``together`` baskets hold both. ``support`` is their share of all baskets, ``confidence`` their share of the baskets
    with ``product``, and ``lift`` how many times more often ``other`` is in those than in all.
    """

    product: object
    other: object
    together: int
    support: float
    confidence: float
    lift: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a pair must reach to be worth a row: baskets with both, confidence, lift."""

    together: int = 5
    confidence: float = 0.05
    lift: float = 1.0

    def __post_init__(self) -> None:
        if self.together < 1:
            raise ValueError("a pair is together in at least one basket")


def affinities(
    baskets: ArrayLike, products: ArrayLike, threshold: Threshold = Threshold(), *, limit: int | None = None
) -> list[Affinity]:
    """The pairs, in both directions, that reach the threshold; highest lift first, ``limit`` of them if given.

    One row a line: the basket's identifier and the product's; a product twice in a basket counts once. Products in
    fewer baskets than a pair needs are left out first; the counts of pairs are then one sparse product X'X.

    >>> pairs = affinities([1, 1, 2, 2, 3], ["bread", "butter", "bread", "butter", "bread"], Threshold(together=2))
    >>> [(pair.product, pair.other, pair.confidence, pair.lift) for pair in pairs]
    [('bread', 'butter', 0.6666666666666666, 1.0), ('butter', 'bread', 1.0, 1.0)]
    """
    _baskets, basket = np.unique(np.asarray(baskets), return_inverse=True)
    names, product = np.unique(np.asarray(products), return_inverse=True)
    n = len(_baskets)
    basket, product = _distinct_lines(basket, product, max(len(names), 1))
    counts = np.bincount(product, minlength=len(names))
    frequent = counts[product] >= threshold.together
    left, right, together = _pair_counts(basket[frequent], product[frequent], n, len(names))
    confidence = together / counts[left]
    lift = together * n / (counts[left] * counts[right])
    good = (together >= threshold.together) & (confidence >= threshold.confidence) & (lift >= threshold.lift)
    order = np.flatnonzero(good)[np.lexsort((right[good], left[good], -together[good], -lift[good]))][:limit]
    columns = (names[left], names[right], together, together / max(n, 1), confidence, lift)
    return [Affinity(*row) for row in zip(*(column[order].tolist() for column in columns), strict=True)]


def _distinct_lines(basket: NDArray, product: NDArray, n_products: int) -> tuple[NDArray, NDArray]:
    return np.divmod(np.unique(basket * n_products + product), n_products)


def _pair_counts(basket: NDArray, product: NDArray, n_baskets: int, n_products: int) -> tuple[NDArray, ...]:
    """Both directions of every pair of two products, and the baskets that hold both."""
    lines = csr_array((np.ones(len(basket), dtype=np.int32), (basket, product)), shape=(n_baskets, n_products))
    counts = (lines.T @ lines).tocoo()
    pairs = counts.row != counts.col
    return counts.row[pairs], counts.col[pairs], counts.data[pairs].astype(np.int64)
