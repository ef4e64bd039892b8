from . import (
    crm_audience,
    crm_campaign_cost,
    crm_campaign_return,
    crm_followup_event,
    crm_followup_step,
    crm_mailing_holdout,
    crm_reach_mixin,
    crm_start_step,
    mailing_list,
    mailing_mailing,
    mailing_subscription,
    res_partner,
)
