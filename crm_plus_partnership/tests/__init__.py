from . import test_tier_grade
