"""How often the intervals of an uplift are right: simulated worlds whose truth is known, at scale 1 2,000 of each.

Of shares and of revenue whose few large orders make most of it; few held out, rare orders, small samples; looked at
once and every day. Where too little has happened nothing is said: that share is printed as well.
"""

from collections.abc import Iterable

from benchmarks.harness import Figure

NEEDS = "engine"


def run(options) -> Iterable[Figure]:
    """All figures, in percent."""
    from benchmarks.uplift_worlds import figures

    yield from figures(options)
