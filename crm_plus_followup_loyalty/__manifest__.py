{
    "name": "CRM Plus: gifts of points and coupons",
    "summary": "Points and coupons of loyalty programs as a step of follow-up rules",
    "version": "19.0.2.0.0",
    "category": "Sales/CRM",
    "license": "LGPL-3",
    "author": "CRM Plus maintainers",
    "depends": ["crm_plus_followup", "loyalty"],
    "data": ["views/crm_followup_step_views.xml", "views/crm_followup_run_views.xml"],
    "auto_install": True,
}
