"""Odoo runs the modules named `test_*` that are attributes of this package: each is named here."""

from .followup import (
    test_audience,
    test_followup_concurrency,
    test_followup_limits,
    test_followup_result,
    test_followup_rule,
    test_followup_steps,
    test_followup_today,
    test_reach,
)
