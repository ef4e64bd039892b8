"""What makes each cluster: a small decision tree, read out as rules.

Heavy module: import it inside the job.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

DEPTH = 3
SEED = 20


@dataclass(frozen=True, slots=True)
class Rule:
    """Customers under all ``conditions`` are mostly in ``cluster``.

    ``coverage`` is the share of all customers the rule applies to, ``purity`` the share of those in the cluster.

    >>> str(Rule(2, ("orders > 4.5", "days <= 60"), coverage=0.25, purity=0.96))
    'orders > 4.5 and days <= 60: cluster 2 (96% of 25% of the customers)'
    """

    cluster: int
    conditions: tuple[str, ...]
    coverage: float
    purity: float

    def __str__(self) -> str:
        conditions = " and ".join(self.conditions) or "always"
        return f"{conditions}: cluster {self.cluster} ({self.purity:.0%} of {self.coverage:.0%} of the customers)"


def explain_clusters(
    values: NDArray, codes: NDArray, features: Sequence[str], *, depth: int = DEPTH
) -> tuple[Rule, ...]:
    """The leaves of a tree of at most ``depth`` questions about the features in their own units, widest first.

    >>> rules = explain_clusters(np.array([[1.0], [2.0], [8.0], [9.0]] * 10), np.array([1, 1, 2, 2] * 10), ["orders"])
    >>> [str(rule) for rule in rules]
    ['orders <= 5: cluster 1 (100% of 50% of the customers)', 'orders > 5: cluster 2 (100% of 50% of the customers)']
    """
    tree = DecisionTreeClassifier(
        max_depth=depth, max_leaf_nodes=2 * len(np.unique(codes)), min_samples_leaf=0.01, random_state=SEED
    ).fit(values, codes)
    rules = list(_leaves(tree, features, node=0, conditions=()))
    return tuple(sorted(rules, key=lambda rule: (-rule.coverage, rule.cluster, rule.conditions)))


def _leaves(
    classifier: DecisionTreeClassifier, features: Sequence[str], node: int, conditions: tuple[str, ...]
) -> Iterator[Rule]:
    tree = classifier.tree_
    left, right = int(tree.children_left[node]), int(tree.children_right[node])
    if left == right:
        shares = tree.value[node][0]
        winner = int(shares.argmax())
        yield Rule(
            cluster=int(classifier.classes_[winner]),
            conditions=conditions,
            coverage=float(tree.n_node_samples[node] / tree.n_node_samples[0]),
            purity=float(shares[winner] / shares.sum()),
        )
        return
    feature, limit = features[tree.feature[node]], f"{tree.threshold[node]:.4g}"
    yield from _leaves(classifier, features, left, (*conditions, f"{feature} <= {limit}"))
    yield from _leaves(classifier, features, right, (*conditions, f"{feature} > {limit}"))
