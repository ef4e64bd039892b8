from . import test_sms_audience
