from . import crm_audience, mailing_mailing
