from . import crm_campaign_return, crm_reach_mixin, mailing_mailing
