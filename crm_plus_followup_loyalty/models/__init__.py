from . import crm_followup_event, crm_followup_run, crm_followup_step, loyalty_card
