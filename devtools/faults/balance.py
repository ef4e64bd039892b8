"""Effects of entering and leaving a segment, counted against who is in it."""

from collections import Counter


def unbalanced(present: Counter, entered: Counter, left: Counter) -> tuple[Counter, Counter]:
    """(lost, doubled) of each customer: who is in the segment has entered once more than left, who is not as often.

    A stay that ended before anything followed from it, as when the only order is canceled at once, has done neither.
    """
    expected = present + left
    return expected - entered, entered - expected
