{
    "name": "CRM Plus: SMS",
    "summary": "SMS as a step of follow-up rules",
    "version": "19.0.2.0.0",
    "category": "Sales/CRM",
    "license": "LGPL-3",
    "author": "CRM Plus maintainers",
    "depends": ["crm_plus_followup", "sms"],
    "data": ["views/crm_followup_step_views.xml"],
    "auto_install": True,
}
