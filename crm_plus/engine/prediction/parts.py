"""Reading compact explanations. Light: no numpy, so that showing a lead needs none."""

from collections import Counter
from collections.abc import Sequence


def parts(vocabulary: Sequence, cells: str) -> list[list]:
    """``[[feature, value, points]]`` of one lead, largest first, those of zero left out.

    ``vocabulary`` is that of `engine.prediction.explain`, ``cells`` a text of its `compact`. With the intercept of the
    model the points add up to the score exactly.

    >>> parts([["source", [["Fair", 300], ["Web", -900]]], ["mail", [["no", 0], ["yes", 1200]]]], "0001")
    [['mail', 'yes', 1200], ['source', 'Fair', 300]]
    >>> parts([["mail", [["no", 0], ["yes", 1200]]]], "00")
    []

    The tags that a lead does not have are one part:

    >>> parts([["tags", [["without A", -3], ["A", 9]]], ["tags", [["without B", -2], ["B", 9]]]], "0000")
    [['tags', 'without A, without B', -5]]
    """
    found = [[name, *bins[cell]] for (name, bins), cell in zip(vocabulary, bytes.fromhex(cells), strict=True)]
    tags = {name for name, count in Counter(name for name, _bins in vocabulary).items() if count > 1}
    absent = {id(part) for part, cell in zip(found, bytes.fromhex(cells), strict=True) if not cell and part[0] in tags}
    kept = [part for part in found if part[2] and id(part) not in absent]
    for tag in sorted(tags):
        without = sorted((p for p in found if id(p) in absent and p[0] == tag and p[2]), key=lambda part: -abs(part[2]))
        if without:
            kept.append([tag, ", ".join(part[1] for part in without), sum(part[2] for part in without)])
    return sorted((part for part in kept if part[2]), key=lambda part: -abs(part[2]))
