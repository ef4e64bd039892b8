"""Who may mail audiences; see ``expectations.py`` of CRM Plus, whose world does not know marketing people."""

NOBODY = ""

METHODS = {("crm.audience", "action_mail"): NOBODY}
# Administrators read mailings by the host's own access rights.
FIELDS = {"mailing.mailing": {"system": "crm_audience_id crm_audience_note crm_within_limits"}}
