"""What a target means for a part of its period."""

from datetime import date


def share_of_target(amount: float, kind: str, target: tuple[date, date], shown: tuple[date, date]) -> float | None:
    """What a target of its days comes to in the days that are shown; None where they do not meet.

    What flows is in proportion to the days in common; a stock or a ratio is the same on each of them.

    >>> year = (date(2026, 1, 1), date(2026, 12, 31))
    >>> share_of_target(365, "flow", year, (date(2026, 3, 1), date(2026, 3, 31)))
    31.0
    >>> share_of_target(60, "ratio", year, (date(2026, 3, 1), date(2026, 3, 31)))
    60
    """
    first, last = max(target[0], shown[0]), min(target[1], shown[1])
    if first > last:
        return None
    if kind != "flow":
        return amount
    return amount * ((last - first).days + 1) / ((target[1] - target[0]).days + 1)


def target_shown(kind: str, targets: list[tuple[float, date, date]], shown: tuple[date, date]) -> float | None:
    """The target of the days that are shown, from all targets (amount, first day, last day) of a figure.

    Flows add up; of a stock or a ratio that of the last day counts, the latest one that began.

    >>> quarters = [(90, date(2026, 1, 1), date(2026, 3, 31)), (91, date(2026, 4, 1), date(2026, 6, 30))]
    >>> target_shown("flow", quarters, (date(2026, 3, 31), date(2026, 4, 1)))
    2.0
    >>> target_shown("stock", quarters, (date(2026, 3, 31), date(2026, 4, 1)))
    91
    """
    if kind == "flow":
        parts = [share_of_target(amount, kind, (first, last), shown) for amount, first, last in targets]
        known = [part for part in parts if part is not None]
        return sum(known) if known else None
    there = [(first, amount) for amount, first, last in targets if first <= shown[1] <= last]
    return max(there)[1] if there else None
