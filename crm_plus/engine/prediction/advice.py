"""What would raise a lead's score most. Light: standard library only."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from ..score.rules import ZERO, RulePoints, add_up


def gains(
    given: Sequence[RulePoints], offers: Sequence[RulePoints], group_caps: Mapping[str, Decimal] | None = None
) -> dict[str, Decimal]:
    """How many points the score gains by each offer alone, caps and the limit of 100 considered: ``{rule: gain}``.

    ``given`` is what the lead has; the points of an offer are added to those its rule gives already. Offers that gain
    nothing are left out.

    >>> mail, call = RulePoints("mail", Decimal(18), cap=Decimal(20)), RulePoints("call", Decimal(12))
    >>> {rule: str(gain) for rule, gain in gains([mail], [RulePoints("mail", Decimal(10), Decimal(20)), call]).items()}
    {'mail': '2.00', 'call': '12.00'}
    """
    now = add_up(given, group_caps).score
    found = {}
    for offer in offers:
        then = [replace(rule, points=rule.points + offer.points) if rule.rule == offer.rule else rule for rule in given]
        if all(rule.rule != offer.rule for rule in given):
            then.append(offer)
        gain = add_up(then, group_caps).score - now
        if gain > ZERO:
            found[offer.rule] = gain
    return found
