from . import test_followup_loyalty
