"""Who may mail audiences; see ``expectations.py`` of CRM Plus, whose world does not know marketing people."""

NOBODY = ""

METHODS = {("crm.audience", "action_mail"): NOBODY}
FIELDS = {"mailing.mailing": {NOBODY: "crm_audience_id crm_audience_note crm_within_limits"}}
