"""Which products lead to which others: support, confidence and lift of pairs (Agrawal, Imielinski and Swami, 1993),
of those pairs that chance does not explain.

Heavy module: import it inside the job.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.special import gammaincinv
from scipy.stats import hypergeom

# Of the pairs that are kept this share may be chance.
FALSE_DISCOVERIES = 0.01
# The lift is this or more but for one case in twenty.
CONFIDENCE_OF_LIFT = 0.95
# Baskets up to this many products are compared with those of the very same size, larger ones with sizes within a fifth.
EXACT_SIZES = 8
SIZE_STEP = 1.2
# Standard deviations above the expectation below which no test would reject.
FAR_FROM_SIGNIFICANT = 1.5


@dataclass(frozen=True, slots=True)
class Affinity:
    """Customers who buy ``product`` also buy ``other``.

    ``together`` baskets hold both. ``support`` is their share of all baskets, ``confidence`` their share of the baskets
    with ``product``, and ``lift`` how many times more often ``other`` is in those than in all. ``lift_low`` is what is
    left of the lift when ``together`` is as low as chance may have raised it from and baskets are compared with baskets
    of their size.
    """

    product: object
    other: object
    together: int
    support: float
    confidence: float
    lift: float
    lift_low: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a pair must reach to be worth a row: baskets with both, confidence, lift; and the share of the rows that may
    be chance (1: no test)."""

    together: int = 5
    confidence: float = 0.05
    lift: float = 1.0
    false_discoveries: float = FALSE_DISCOVERIES

    def __post_init__(self) -> None:
        if self.together < 1:
            raise ValueError("a pair is together in at least one basket")
        if not 0 < self.false_discoveries <= 1:
            raise ValueError("the share of false discoveries lies above 0 and up to 1")


def affinities(
    baskets: ArrayLike, products: ArrayLike, threshold: Threshold = Threshold(), *, limit: int | None = None
) -> list[Affinity]:
    """The pairs, in both directions, that reach the threshold; highest ``lift_low`` first, ``limit`` of them if given.

    One row a line: the basket's identifier and the product's; a product twice in a basket counts once. Products in
    fewer baskets than a pair needs are left out first; the counts of pairs are then one sparse product X'X.

    >>> lines = [1, 1, 2, 2, 3], ["bread", "butter", "bread", "butter", "bread"]
    >>> pairs = affinities(*lines, Threshold(together=2, false_discoveries=1))
    >>> [(pair.product, pair.other, pair.confidence, pair.lift) for pair in pairs]
    [('bread', 'butter', 0.6666666666666666, 1.0), ('butter', 'bread', 1.0, 1.0)]
    """
    _baskets, basket = np.unique(np.asarray(baskets), return_inverse=True)
    names, product = np.unique(np.asarray(products), return_inverse=True)
    n = len(_baskets)
    basket, product = _distinct_lines(basket, product, max(len(names), 1))
    counts = np.bincount(product, minlength=len(names))
    frequent = counts[product] >= threshold.together
    one, two, together = _pair_counts(basket[frequent], product[frequent], n, len(names))
    lift = together * n / (counts[one] * counts[two])
    good = (together >= threshold.together) & (lift >= threshold.lift)
    one, two, together, lift = one[good], two[good], together[good], lift[good]
    chance = np.maximum(counts[one] * counts[two] / max(n, 1), _expected(basket, product, n, counts, one, two))
    found = _beyond_chance(together, chance, (counts[one], counts[two]), counts >= threshold.together, threshold)
    one, two, together, lift, chance = one[found], two[found], together[found], lift[found], chance[found]
    low = gammaincinv(together, 1 - CONFIDENCE_OF_LIFT) / chance
    left, right, together, lift, low = (
        np.concatenate(pair) for pair in ((one, two), (two, one), (together,) * 2, (lift,) * 2, (low,) * 2)
    )
    confidence = together / counts[left]
    good = np.flatnonzero(confidence >= threshold.confidence)
    order = good[np.lexsort((right[good], left[good], -together[good], -low[good]))][:limit]
    columns = (names[left], names[right], together, together / max(n, 1), confidence, lift, low)
    return [Affinity(*row) for row in zip(*(column[order].tolist() for column in columns), strict=True)]


def _distinct_lines(basket: NDArray, product: NDArray, n_products: int) -> tuple[NDArray, NDArray]:
    return np.divmod(np.unique(basket * n_products + product), n_products)


def _pair_counts(basket: NDArray, product: NDArray, n_baskets: int, n_products: int) -> tuple[NDArray, ...]:
    """Every pair of two products once, and the baskets that hold both."""
    lines = csr_array((np.ones(len(basket), dtype=np.int32), (basket, product)), shape=(n_baskets, n_products))
    counts = (lines.T @ lines).tocoo()
    pairs = counts.row < counts.col
    return counts.row[pairs], counts.col[pairs], counts.data[pairs].astype(np.int64)


def _expected(basket, product, n: int, counts: NDArray, one: NDArray, two: NDArray) -> NDArray[np.float64]:
    """How many baskets would hold both products of a pair if only the size of a basket mattered.

    Large baskets hold anything more often, so that all products seem to attract each other. Among the baskets of a
    size, where a product is in a share f of them, both are in f f' (1 - (1 - f)(1 - f') / d) of them with d the sum of
    f (1 - f) over all products (Hajek, "Asymptotic theory of rejective sampling", 1964).
    """
    size = np.bincount(basket, minlength=n)
    steps = EXACT_SIZES * SIZE_STEP ** np.arange(1, 60)
    stratum = np.searchsorted(np.concatenate([np.arange(1, EXACT_SIZES + 1), steps]), size, side="right")
    expected = np.zeros(len(one))
    for which in np.unique(stratum[size > 1]):
        inside = stratum == which
        share = np.bincount(product[inside[basket]], minlength=len(counts)) / inside.sum()
        f, g = share[one], share[two]
        spread = max(float((share * (1 - share)).sum()), np.finfo(float).tiny)
        expected += inside.sum() * f * g * np.clip(1 - (1 - f) * (1 - g) / spread, 0, 1)
    return expected


def _beyond_chance(together, chance, margins: tuple, frequent: NDArray, threshold: Threshold) -> NDArray[np.intp]:
    """The pairs that are together more often than chance explains.

    Fisher's exact test, one-sided, over so many baskets as make its expectation ``chance``. Of all pairs of frequent
    products, tested or never together, so many are kept that the share of false ones stays within the threshold
    (Benjamini and Hochberg, "Controlling the False Discovery Rate", 1995).
    """
    allowed = threshold.false_discoveries
    if allowed >= 1:
        return np.arange(len(together))
    one, two = margins
    baskets = np.maximum(np.floor(one * two / chance + 1e-9), np.maximum(one, two))
    spread = np.sqrt(chance * (1 - one / baskets) * (1 - two / baskets))
    near = np.flatnonzero(together - chance > FAR_FROM_SIGNIFICANT * spread)  # the exact test is dear
    p = hypergeom.sf(together[near] - 1, baskets[near], one[near], two[near])
    tested = frequent.sum() * (frequent.sum() - 1) / 2
    ranked = np.sort(p)
    passed = np.flatnonzero(ranked <= allowed * np.arange(1, len(p) + 1) / tested)
    return near[p <= ranked[passed[-1]]] if len(passed) else near[:0]
