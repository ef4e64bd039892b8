"""Reading compact explanations. Light: no numpy, so that showing a lead needs none."""

from collections.abc import Sequence


def parts(vocabulary: Sequence, cells: str) -> list[list]:
    """``[[feature, value, points]]`` of one lead, largest first, those of zero left out.

    ``vocabulary`` is that of `engine.prediction.explain`, ``cells`` a text of its `compact`. With the intercept of the
    model the points add up to the score exactly.

    >>> parts([["source", [["Fair", 300], ["Web", -900]]], ["mail", [["no", 0], ["yes", 1200]]]], "0001")
    [['mail', 'yes', 1200], ['source', 'Fair', 300]]
    >>> parts([["mail", [["no", 0], ["yes", 1200]]]], "00")
    []
    """
    found = [[name, *bins[cell]] for (name, bins), cell in zip(vocabulary, bytes.fromhex(cells), strict=True)]
    return sorted((part for part in found if part[2]), key=lambda part: -abs(part[2]))
