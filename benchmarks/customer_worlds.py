"""Made-up worlds whose truth is known: forecasts of orders and churn, products bought together, segments.

Each line is a promise about worlds of a kind, so that it holds for companies that nobody here has seen.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from benchmarks.harness import Figure, at_most
from benchmarks.purchase_logs import Log
from benchmarks.purchase_rolling import rolling
from benchmarks.purchase_worlds import WORLDS, world

ORIGINS, SEEDS = 3, (1, 2)
# Percent that the total may be off by, in the mean; Christmas buyers are forecast from two Christmases.
OFF = {"loyal": 8, "regular": 8, "bursty": 8, "leaving": 11, "seasonal": 8, "christmas": 15}
CALIBRATION = 0.05


def customer_figures(options) -> Iterable[Figure]:
    """All figures."""
    customers = max(round(2_000 * options.scale), 300)
    for name in WORLDS:
        most = 1 if name == "christmas" else ORIGINS
        yield from rolling(name, _logs(name, customers), 364, most=most, off=OFF[name], silence=CALIBRATION)
    yield from rolling("seasonal", _logs("seasonal", customers), 182, most=ORIGINS, off=OFF["seasonal"])
    yield from _baskets()


def _logs(name: str, customers: int) -> list[Log]:
    return [world(name, customers, seed) for seed in SEEDS]


def _baskets() -> Iterator[Figure]:
    """Pairs found among baskets whose products have nothing to do with each other, whatever the sizes are."""
    from crm_plus.engine.customer.affinity import Threshold, affinities

    rng = np.random.default_rng(1)
    n = 10_000
    sizes = {
        "the same size": np.full(n, 4),
        "sizes by chance": 1 + rng.poisson(3, n),
        "many sizes": rng.geometric(0.2, n),
        "a few huge ones": np.ceil(np.exp(rng.normal(1, 1, n))).astype(int),
    }
    for name, size in sizes.items():
        baskets = np.repeat(np.arange(n), size)
        for products in (30, 300):
            weights = 1 / np.arange(1, products + 1)
            lines = baskets, rng.choice(products, len(baskets), p=weights / weights.sum())
            untested = len(affinities(*lines, Threshold(false_discoveries=1))) / 2
            label = f"independent baskets of {name}, {products} products: pairs"
            yield at_most(label, len(affinities(*lines)) / 2, 0, "", untested, "without the test")
