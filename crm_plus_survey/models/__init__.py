from . import crm_customer_profile, crm_kpi_day, res_partner, survey_question
