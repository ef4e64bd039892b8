from . import test_followup_sms
