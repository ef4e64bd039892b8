"""Cards of the overview."""

import pytest

from crm_plus.engine.checks import RefusedValue
from crm_plus.engine.kpi.cards import CARDS, LATER, chosen_cards, kept_cards


def test_a_choice_is_kept_in_its_order():
    assert kept_cards(",".join(reversed(CARDS))) == tuple(reversed(CARDS))
    assert set(LATER) < set(CARDS)


@pytest.mark.parametrize("value", [[], None, "figures", ["gone"], ["figures", "figures"], [1]])
def test_what_is_no_choice_is_refused(value):
    with pytest.raises(RefusedValue):
        chosen_cards(value)
