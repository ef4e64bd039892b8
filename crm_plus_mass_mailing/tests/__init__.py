from . import test_mailing_audience, test_mailing_holdout, test_mailing_return
