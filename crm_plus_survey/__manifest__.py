{
    "name": "CRM Plus: surveys",
    "summary": "Net Promoter Score from the answers to surveys",
    "version": "19.0.2.0.0",
    "category": "Sales/CRM",
    "license": "LGPL-3",
    "author": "CRM Plus maintainers",
    "depends": ["crm_plus", "survey"],
    "data": ["views/survey_question_views.xml", "views/crm_customer_profile_views.xml"],
    "auto_install": True,
}
