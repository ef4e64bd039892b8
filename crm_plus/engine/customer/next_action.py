"""What is best done next with a customer: the first of a fixed order of reasons that applies."""

from dataclasses import dataclass

# Days before the end of a grace period in which a tier is worth a call.
TIER_DAYS = 30
# Days without contact after which somebody should get in touch.
SILENT_DAYS = 90


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of a customer today; what is not known is None, and decides nothing."""

    late_step: bool = False  # something planned is due today or late
    unanswered: bool = False  # a message of theirs waits for an answer
    overdue_money: float | None = None
    order_overdue: bool = False
    order_due: bool = False
    at_risk: bool = False
    tier_ends_in: int | None = None  # days
    missing_to_tier: float | None = None
    usual_order: float | None = None
    silent_days: int | None = None
    never_contacted: bool = False
    planned: bool = False


def next_action(now: Situation) -> str:
    """The code of what to do: what is promised and asked comes first, then money owed, then orders that do not come.

    >>> next_action(Situation(order_overdue=True, silent_days=200))
    'ask_for_order'
    >>> next_action(Situation(missing_to_tier=80, usual_order=100)), next_action(Situation())
    ('reach_tier', 'nothing')
    """
    reasons = (
        ("do_planned", now.late_step),
        ("answer", now.unanswered),
        ("settle_invoices", (now.overdue_money or 0) > 0),
        ("ask_for_order", now.order_overdue),
        ("win_back", now.at_risk),
        ("keep_tier", now.tier_ends_in is not None and now.tier_ends_in <= TIER_DAYS),
        ("reach_tier", bool(now.missing_to_tier and now.usual_order) and now.missing_to_tier <= now.usual_order),
        ("order_due", now.order_due),
        ("get_in_touch", now.never_contacted or (now.silent_days or 0) >= SILENT_DAYS),
        ("wait_for_planned", now.planned),
    )
    return next((code for code, applies in reasons if applies), "nothing")
