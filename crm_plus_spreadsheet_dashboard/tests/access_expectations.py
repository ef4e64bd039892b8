"""Who may do what with the figures of spreadsheets; see ``expectations.py`` of CRM Plus."""

METHODS = {
    ("crm.kpi.day", "figures_for_spreadsheet"): "manager foreign",
}
