"""Groups of alike customers by k-means, with names, that stay the same groups when they are refreshed.

Heavy module: import it inside the job.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from .abstention import CannotFit, Reason, require
from .cluster_check import require_groups
from .cluster_rules import Rule, explain_clusters

SEED = 20
FIT_SAMPLE = 20_000
SILHOUETTE_SAMPLE = 2_000
MINIMUM_PER_CLUSTER = 20
GROWN = 10
CLEARLY = 0.5  # standard deviations from the mean at which a cluster is high or low in a feature


@dataclass(frozen=True, slots=True)
class Cluster:
    """One group. ``code`` stays with it over refreshes; ``center`` is in standardized logarithms.

    ``traits`` hold, for each feature that sets it apart, +1 or -1: its name in numbers, for callers to translate.
    """

    code: int
    name: str
    center: tuple[float, ...]
    traits: tuple[tuple[str, int], ...]
    size: int = 0


@dataclass(frozen=True, slots=True)
class ClusterModel:
    """Everything needed to assign a customer to a group, as plain values.

    Features are scaled as (log(1 + value) - ``mean``) / ``deviation``. ``silhouettes`` holds the criterion for each
    number of clusters tried, ``rules`` what makes each cluster, in the features' own units; ``chosen_from`` is how many
    customers there were when the number of clusters was chosen.
    """

    features: tuple[str, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    clusters: tuple[Cluster, ...]
    silhouettes: tuple[tuple[int, float], ...]
    rules: tuple[Rule, ...] = ()
    chosen_from: int = 0

    def predict(self, values: ArrayLike) -> NDArray[np.int64]:
        """The code of the nearest cluster for each row of ``values``, shape (customers, features)."""
        scaled = (np.log1p(np.maximum(np.asarray(values, dtype=float), 0)) - self.mean) / self.deviation
        centers = np.array([cluster.center for cluster in self.clusters])
        nearest = (scaled @ (-2 * centers.T) + (centers**2).sum(axis=1)).argmin(axis=1)
        return np.array([cluster.code for cluster in self.clusters])[nearest]

    def centers(self) -> dict[int, dict[str, float]]:
        """The center of each cluster by its code, in the features' own units: its typical customer."""
        return {
            cluster.code: {
                feature: float(np.expm1(center * deviation + mean))
                for feature, center, deviation, mean in zip(
                    self.features, cluster.center, self.deviation, self.mean, strict=True
                )
            }
            for cluster in self.clusters
        }

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` takes them back, also after a round trip through JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "ClusterModel":
        pairs = {key: tuple(map(tuple, values[key])) for key in ("silhouettes",)}
        clusters = tuple(
            Cluster(**{**one, "center": tuple(one["center"]), "traits": tuple(map(tuple, one["traits"]))})
            for one in values["clusters"]
        )
        rules = tuple(Rule(**{**rule, "conditions": tuple(rule["conditions"])}) for rule in values["rules"])
        plain = {key: tuple(values[key]) for key in ("features", "mean", "deviation")}
        chosen_from = values.get("chosen_from", 0)
        return cls(**plain, **pairs, clusters=clusters, rules=rules, chosen_from=chosen_from)


def fit_clusters(
    values: ArrayLike,
    features: Sequence[str],
    *,
    candidates: Sequence[int] = (3, 4, 5, 6, 7, 8),
    previous: ClusterModel | None = None,
    seed: int = SEED,
) -> ClusterModel:
    """Fit clusters to ``values`` of shape (customers, features), none negative.

    The fit uses a sample of 20,000. The number of clusters is the candidate with the highest mean silhouette
    (Rousseeuw, 1987) over 2,000 of them whose groups are there, the smaller one at a tie. With a ``previous`` model of
    the same features its number is kept, the search starts at its centers and each new cluster takes the code of the
    old one it goes on; only when there are `GROWN` times as many customers as when the number was chosen, it is chosen
    anew.
    Raises `CannotFit` with fewer than 20 customers for each cluster of the smallest candidate, and when none of the
    numbers gives groups that are there: `cluster_check.require_groups`.
    """
    values = _checked(values, features)
    needed = MINIMUM_PER_CLUSTER * min(candidates)
    require(Reason.TOO_FEW_CUSTOMERS, found=len(np.unique(values, axis=0)), needed=needed)
    sample = _sample(values, FIT_SAMPLE, seed)
    mean, deviation, scaled = _standardized(sample)
    known = previous if previous and previous.features == tuple(features) else None
    old_centers = _rescaled_centers(known, mean, deviation) if known else None
    goes_on = known and len(values) < GROWN * known.chosen_from
    starts = [old_centers] if goes_on else [k for k in candidates if k * MINIMUM_PER_CLUSTER <= len(scaled)]
    centers, silhouettes = _best_fit(scaled, starts, seed, known=bool(goes_on))
    codes = _match(centers, old_centers, known) if known else _fresh_codes(centers)
    model = ClusterModel(
        tuple(features),
        _plain(mean),
        _plain(deviation),
        _named(centers, codes, features),
        silhouettes,
        chosen_from=known.chosen_from if goes_on else len(values),
    )
    return _explained(model, values, sample)


def _checked(values: ArrayLike, features: Sequence[str]) -> NDArray[np.float64]:
    values = np.asarray(values, dtype=float)
    if values.ndim != 2 or values.shape[1] != len(features):
        raise ValueError(f"values have the shape (customers, {len(features)})")
    if not np.isfinite(values).all() or (values < 0).any():
        raise ValueError("features are finite and not negative")
    return values


def _standardized(values: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Mean and deviation of the logarithms of each feature, and the values so scaled."""
    logarithms = np.log1p(values)
    mean, deviation = logarithms.mean(axis=0), logarithms.std(axis=0)
    deviation = np.where(deviation > 0, deviation, 1.0)
    return mean, deviation, (logarithms - mean) / deviation


def _best_fit(scaled: NDArray, starts: Sequence[int | NDArray], seed: int, *, known: bool) -> tuple[NDArray, tuple]:
    """The centers of the start with the highest silhouette whose groups are there, and the silhouette of each number
    of clusters. Raises `CannotFit` with what is wrong with the highest one when none are."""
    subset = _sample(scaled, SILHOUETTE_SAMPLE, seed)
    tried = []
    for start in starts:
        fresh = isinstance(start, int)
        means = KMeans(
            start if fresh else len(start),
            init="k-means++" if fresh else start,
            n_init=4 if fresh else 1,
            random_state=seed,
        ).fit(scaled)
        labels = means.predict(subset)
        quality = float(silhouette_score(subset, labels)) if 1 < len(set(labels)) < len(subset) else -1.0
        tried.append((len(means.cluster_centers_), quality, means.cluster_centers_))
    silhouettes, refusals = tuple((k, quality) for k, quality, _centers in tried), []
    for _k, _quality, centers in sorted(tried, key=lambda one: -one[1]):
        try:
            require_groups(subset, centers, seed, known=known)
        except CannotFit as refusal:
            refusals.append(refusal)
        else:
            return centers, silhouettes
    raise refusals[0]


def _rescaled_centers(previous: ClusterModel, mean: NDArray, deviation: NDArray) -> NDArray:
    """The previous centers on the new scale, so that a shift of the whole population moves no cluster's code."""
    centers = np.array([cluster.center for cluster in previous.clusters])
    return (centers * previous.deviation + previous.mean - mean) / deviation


def _match(centers: NDArray, old_centers: NDArray, previous: ClusterModel) -> list[int]:
    """The code of the old cluster each new one goes on, so that the squared moves are least in total (Kuhn, 1955).

    Clusters beyond the number of the old ones take the codes after theirs.
    """
    moves = ((centers[:, None, :] - old_centers[None, :, :]) ** 2).sum(axis=2)
    continued = {new: previous.clusters[old].code for new, old in zip(*linear_sum_assignment(moves), strict=True)}
    unused = count(max(cluster.code for cluster in previous.clusters) + 1)
    return [continued[new] if new in continued else next(unused) for new in range(len(centers))]


def _fresh_codes(centers: NDArray) -> list[int]:
    """Codes from 1, by the centers' position, so that they do not depend on the order of the search."""
    order = np.lexsort(centers.T[::-1])
    return (np.argsort(order) + 1).tolist()


def _named(centers: NDArray, codes: Sequence[int], features: Sequence[str]) -> tuple[Cluster, ...]:
    clusters = []
    for code, center in sorted(zip(codes, centers, strict=True), key=lambda pair: pair[0]):
        traits = tuple(
            (feature, 1 if level > 0 else -1)
            for feature, level in zip(features, center, strict=True)
            if abs(level) >= CLEARLY
        )
        clusters.append(Cluster(int(code), _name(traits), _plain(center), traits))
    names = [cluster.name for cluster in clusters]
    return tuple(
        replace(cluster, name=f"{cluster.name} ({cluster.code})") if names.count(cluster.name) > 1 else cluster
        for cluster in clusters
    )


def _name(traits: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{'high' if sign > 0 else 'low'} {feature}" for feature, sign in traits) or "average"


def _explained(model: ClusterModel, values: NDArray, sample: NDArray) -> ClusterModel:
    sizes = dict(zip(*np.unique(model.predict(values), return_counts=True), strict=True))
    clusters = tuple(replace(cluster, size=int(sizes.get(cluster.code, 0))) for cluster in model.clusters)
    return replace(model, clusters=clusters, rules=explain_clusters(sample, model.predict(sample), model.features))


def _sample(values: NDArray, size: int, seed: int) -> NDArray:
    if len(values) <= size:
        return values
    return values[np.sort(np.random.default_rng(seed).choice(len(values), size, replace=False))]


def _plain(values: NDArray) -> tuple[float, ...]:
    return tuple(values.tolist())
