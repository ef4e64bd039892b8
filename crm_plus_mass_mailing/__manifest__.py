{
    "name": "CRM Plus: email marketing",
    "summary": "Mailings to audiences, found anew at the moment of sending",
    "version": "19.0.2.0.0",
    "category": "Sales/CRM",
    "license": "LGPL-3",
    "author": "CRM Plus maintainers",
    "depends": ["crm_plus_followup", "mass_mailing"],
    "data": ["security/ir.model.access.csv", "views/mailing_mailing_views.xml", "views/crm_audience_views.xml"],
    "auto_install": True,
}
