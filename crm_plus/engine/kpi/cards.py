"""Which cards the overview shows, and in which order: kept as their names, separated by commas."""

from ..checks import RefusedValue, choice, shown

# In the order in which they stand as long as nobody has chosen.
CARDS = (
    "figures", "segments", "funnel", "ways", "channels", "answers", "grades", "products", "forecast", "retention",
    "concentration", "effort",
)  # fmt: skip
# Counted when they come into view; the others come with the page.
LATER = ("ways", "answers", "products", "forecast", "effort")


def kept_cards(kept: str | None, known: tuple[str, ...] = CARDS) -> tuple[str, ...] | None:
    """The cards of a choice that is kept; None when nobody has chosen. A card that is no more is left out.

    >>> kept_cards("funnel,figures,gone"), kept_cards(""), kept_cards(False)
    (('funnel', 'figures'), None, None)
    """
    found = tuple(name for name in (kept or "").split(",") if name in known)
    return found or None


def chosen_cards(value, known: tuple[str, ...] = CARDS) -> tuple[str, ...]:
    """What a client sends as a choice, checked: at least one card, each once.

    >>> chosen_cards(["funnel", "figures"])
    ('funnel', 'figures')
    """
    if not isinstance(value, (list, tuple)) or not value:
        raise RefusedValue("not_a_list", given=shown(value))
    found = tuple(map(choice(known), value))
    if len(set(found)) < len(found):
        raise RefusedValue("not_a_choice", given=shown(",".join(found)))
    return found
