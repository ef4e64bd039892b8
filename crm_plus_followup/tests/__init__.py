"""Odoo runs the modules named `test_*` that are attributes of this package: each is named here."""

from .followup import (
    test_acquisition,
    test_audience,
    test_audience_conditions,
    test_campaign_return,
    test_followup_concurrency,
    test_followup_limits,
    test_followup_places,
    test_followup_result,
    test_followup_rule,
    test_followup_steps,
    test_followup_team,
    test_followup_today,
    test_followup_ui,
    test_former_effects,
    test_large_audience,
    test_reach,
)
