"""What is promised comes before what is owed, what is owed before what could be sold."""

import pytest

from crm_plus.engine.customer.next_action import Situation, next_action


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("do_planned", {"late_step": True, "overdue_money": 10}),
        ("answer", {"unanswered": True, "overdue_money": 10}),
        ("do_planned", {"unanswered": True, "late_step": True}),
        ("settle_invoices", {"overdue_money": 0.01, "order_overdue": True}),
        ("ask_for_order", {"overdue_money": -5, "order_overdue": True, "at_risk": True}),
        ("win_back", {"at_risk": True, "tier_ends_in": 3}),
        ("keep_tier", {"tier_ends_in": 30}),
        ("nothing", {"tier_ends_in": 31}),
        ("reach_tier", {"missing_to_tier": 100, "usual_order": 100, "order_due": True}),
        ("order_due", {"missing_to_tier": 101, "usual_order": 100, "order_due": True}),
        ("get_in_touch", {"silent_days": 90, "planned": True}),
        ("get_in_touch", {"never_contacted": True}),
        ("wait_for_planned", {"silent_days": 89, "planned": True}),
        ("nothing", {}),
    ],
)
def test_the_first_reason_that_applies(code, given):
    assert next_action(Situation(**given)) == code
