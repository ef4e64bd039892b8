"""Who is not contacted, so that the effect of contacting can be measured.

A stable hash of customer and salt puts customers in an order nobody can guess; in this order every so many-th of each
segment is held out, so that the share holds in small segments as well. Whoever has been assigned once stays there.
"""

import hashlib
from collections.abc import Iterable, Mapping

# A share is counted in parts of this size: no rounding of binary fractions decides about a customer.
PARTS = 10_000


def rank(key: int, salt: str) -> int:
    """The place of a customer in the order of a salt.

    >>> rank(7, "rule 1") == rank(7, "rule 1"), rank(7, "rule 1") == rank(7, "rule 2")
    (True, False)
    """
    return int.from_bytes(hashlib.blake2b(f"{salt}:{key}".encode(), digest_size=8).digest(), "big")


def is_held_out(place: int, share: float, offset: int = 0) -> bool:
    """Whether the customer at ``place`` (0, 1, ...) of a segment is held out; ``offset`` is where the counting begins.

    >>> [place for place in range(20) if is_held_out(place, 0.1, offset=5000)]
    [4, 14]
    """
    part = round(share * PARTS)
    return (place + 1) * part + offset >= PARTS * ((place * part + offset) // PARTS + 1)


def assign(newcomers: Iterable[tuple[int, int]], known: Mapping[int, int], share: float, salt: str) -> dict[int, bool]:
    """``{customer: whether they are held out}`` for newcomers, (customer, segment) each.

    ``known`` says how many of each segment have been assigned before.

    >>> found = assign([(customer, 1) for customer in range(200)], {}, 0.1, "rule 1")
    >>> sum(found.values()), len(found)
    (20, 200)
    """
    places, found = dict(known), {}
    for customer, segment in sorted(newcomers, key=lambda pair: rank(pair[0], salt)):
        place = places.get(segment, 0)
        places[segment] = place + 1
        found[customer] = is_held_out(place, share, rank(segment, f"{salt} segment") % PARTS)
    return found
