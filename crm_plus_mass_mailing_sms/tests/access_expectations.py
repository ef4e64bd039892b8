"""Who may send SMS to audiences; see ``expectations.py`` of CRM Plus, whose world does not know marketing people."""

NOBODY = ""

METHODS = {
    (model, "action_sms"): NOBODY for model in ("crm.audience", "crm.customer.profile", "crm.segment", "crm.tier")
}
