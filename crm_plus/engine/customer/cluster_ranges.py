"""What the conditions of a rule leave of each feature. Light: also for texts of a form."""

from collections.abc import Iterable
from math import inf


def ranges(conditions: Iterable[str]) -> dict[str, tuple[float, float]]:
    """For each feature the limits ``(low, high)`` it lies between, above the one, up to and with the other.

    ``conditions`` are those of ``cluster_rules.Rule``, such as ``"days <= 68.5"``; the strictest of each kind counts.

    >>> ranges(["orders > 2.5", "days <= 91.5", "days <= 79", "orders > 5.5"])
    {'orders': (5.5, inf), 'days': (-inf, 79.0)}
    >>> ranges(["days > 10", "days <= 20"])
    {'days': (10.0, 20.0)}
    """
    found: dict[str, tuple[float, float]] = {}
    for condition in conditions:
        feature, sign, limit = condition.split(" ")
        low, high = found.get(feature, (-inf, inf))
        found[feature] = (low, min(high, float(limit))) if sign == "<=" else (max(low, float(limit)), high)
    return found
