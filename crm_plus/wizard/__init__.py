from . import crm_interaction_log, crm_score_capacity, crm_score_preview
