from . import crm_lead, crm_lead_landmark, crm_score_feature, crm_score_model, crm_team, res_company
