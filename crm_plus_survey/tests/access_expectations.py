"""Who may know what customers answered; see ``expectations.py`` of CRM Plus."""

NOBODY = ""

FIELDS = {
    # Surveys are made by those with rights in Surveys, which none of these users has.
    "survey.question": {NOBODY: "crm_plus_nps"},
}
