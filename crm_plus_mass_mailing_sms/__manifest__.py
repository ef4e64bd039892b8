{
    "name": "CRM Plus: SMS marketing",
    "summary": "SMS mailings to audiences, segments and tiers",
    "version": "19.0.2.0.0",
    "category": "Sales/CRM",
    "license": "LGPL-3",
    "author": "CRM Plus maintainers",
    "depends": ["crm_plus_mass_mailing", "mass_mailing_sms"],
    "data": ["views/crm_audience_views.xml"],
    "auto_install": True,
}
