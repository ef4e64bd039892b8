from . import (
    crm_lead,
    crm_lead_score,
    crm_lead_score_history,
    crm_lead_score_queue,
    crm_score_group,
    crm_score_rule,
    digest_digest,
    res_company,
    res_config_settings,
    res_partner,
)
