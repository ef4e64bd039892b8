from . import test_tier_card
