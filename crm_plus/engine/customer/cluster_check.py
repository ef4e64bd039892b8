"""Whether groups that were found are there: the same in other samples, and clearer than in one cloud of customers.

Heavy module: import it inside the job.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from .abstention import Reason, require

RESAMPLES = 10
CLOUDS = 10
STABLE = 0.7  # mean adjusted Rand index: below, other customers would give other groups
GONE = 0.5  # the same for groups that are known: they do not come and go
GRID, WIDTHS, NOISE = 512, np.geomspace(0.02, 2, 40), 0.01
CLEARER = 0.01  # mean silhouette above that of the clearest division of one cloud


def require_groups(scaled: NDArray, centers: NDArray, seed: int, *, known: bool = False) -> None:
    """Raise `CannotFit` unless the groups around these centers are there; ``scaled`` holds some of the customers.

    k-means divides anything. The groups must come out alike when it is fitted to resamples of the customers: mean
    adjusted Rand index (Hubert and Arabie, 1985) over the bootstrap, as Hennig proposes ("Cluster-Wise Assessment of
    Cluster Stability", Computational Statistics and Data Analysis 52, 2007). An elongated cloud is divided alike each
    time, and so is a lopsided one; so they must also fit better than those of one cloud with the same correlations
    whose features are spread alike but for having one peak each (Hennig and Lin, "Flexible Parametric Bootstrap for
    Testing Homogeneity Against Clustering", Statistics and Computing 25, 2015).
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
    clouds = _clouds(scaled, rng)
    without = max(silhouette_score(cloud, _fit(cloud, k, turn).labels_) for turn, cloud in enumerate(clouds))
    require(Reason.ONE_GROUP, found=float(silhouette_score(scaled, labels)), needed=float(without) + CLEARER)


def _clouds(scaled: NDArray, rng: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    """Clouds without groups: normal ranks with the correlations of the customers, and of each feature as many values,
    smoothed until they have one peak."""
    correlation = np.cov(scaled.T)
    widths = [_one_peak(column) for column in scaled.T]
    for _number in range(CLOUDS):
        order = rng.multivariate_normal(np.zeros(len(widths)), correlation, len(scaled)).argsort(axis=0).argsort(axis=0)
        columns = []
        for column, width, place in zip(scaled.T, widths, order.T, strict=True):
            smoothed = rng.choice(column, len(column)) + width * rng.standard_normal(len(column))
            columns.append(np.sort(smoothed / np.sqrt(1 + width**2))[place])
        yield np.stack(columns, axis=1)


def _one_peak(values: NDArray) -> float:
    """The least width of a normal kernel, in deviations, with which the density of the values has a single peak (the
    critical bandwidth: Silverman, "Using Kernel Density Estimates to Investigate Multimodality", Journal of the Royal
    Statistical Society B 43, 1981). Peaks of less than a hundredth of the highest are noise."""
    low, high = values.min() - 3, values.max() + 3
    counts, edges = np.histogram(values, GRID, (low, high))
    frequencies = np.fft.rfftfreq(2 * GRID, edges[1] - edges[0])
    spectrum = np.fft.rfft(counts, 2 * GRID)
    for width in WIDTHS:
        density = np.fft.irfft(spectrum * np.exp(-2 * (np.pi * frequencies * width) ** 2))[:GRID]
        fall = np.minimum(np.maximum.accumulate(density), np.maximum.accumulate(density[::-1])[::-1]) - density
        if fall.max() < NOISE * density.max():
            return float(width)
    return float(WIDTHS[-1])


def _fit(values: NDArray, k: int, seed: int) -> KMeans:
    return KMeans(k, n_init=2, random_state=seed).fit(values)


def _nearest(values: NDArray, centers: NDArray) -> NDArray[np.intp]:
    return (values @ (-2 * centers.T) + (centers**2).sum(axis=1)).argmin(axis=1)
