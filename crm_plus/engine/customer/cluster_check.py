"""Whether groups that were found are there: the same in other samples, and clearer than in one cloud of customers.

Heavy module: import it inside the job.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from .abstention import Reason, require

RESAMPLES = 10
CLOUDS = 10
STABLE = 0.7  # mean adjusted Rand index: below, other customers would give other groups
GONE = 0.5  # the same for groups that are known: they do not come and go
CLEARER = 0.01  # mean silhouette above that of the clearest division of one cloud


def require_groups(scaled: NDArray, centers: NDArray, seed: int, *, known: bool = False) -> None:
    """Raise `CannotFit` unless the groups around these centers are there; ``scaled`` holds some of the customers.

    k-means divides anything. The groups must come out alike when it is fitted to resamples of the customers: mean
    adjusted Rand index (Hubert and Arabie, 1985) over the bootstrap, as Hennig proposes ("Cluster-Wise Assessment of
    Cluster Stability", Computational Statistics and Data Analysis 52, 2007). An elongated cloud is divided alike each
    time; so they must also fit better than those of such a normal cloud with the same correlations (Hennig and Lin,
    "Flexible Parametric Bootstrap for Testing Homogeneity Against Clustering", Statistics and Computing 25, 2015).
    """
    labels = _nearest(scaled, centers)
    if len(set(labels.tolist())) < 2:
        require(Reason.ONE_GROUP, found=0.0, needed=CLEARER)
    rng, k = np.random.default_rng(seed), len(centers)
    agreed = [
        adjusted_rand_score(labels, _fit(scaled[rng.integers(0, len(scaled), len(scaled))], k, turn).predict(scaled))
        for turn in range(RESAMPLES)
    ]
    require(Reason.NO_CLEAR_GROUPS, found=float(np.mean(agreed)), needed=GONE if known else STABLE)
    clouds = rng.multivariate_normal(np.zeros(scaled.shape[1]), np.cov(scaled.T), (CLOUDS, len(scaled)))
    without = max(silhouette_score(cloud, _fit(cloud, k, turn).labels_) for turn, cloud in enumerate(clouds))
    require(Reason.ONE_GROUP, found=float(silhouette_score(scaled, labels)), needed=float(without) + CLEARER)


def _fit(values: NDArray, k: int, seed: int) -> KMeans:
    return KMeans(k, n_init=2, random_state=seed).fit(values)


def _nearest(values: NDArray, centers: NDArray) -> NDArray[np.intp]:
    return (values @ (-2 * centers.T) + (centers**2).sum(axis=1)).argmin(axis=1)
