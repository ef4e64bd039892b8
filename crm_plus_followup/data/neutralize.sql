-- A copy contacts nobody: rules rest until somebody activates them there.
UPDATE crm_followup_rule SET state = 'paused' WHERE state IN ('active', 'shadow');
