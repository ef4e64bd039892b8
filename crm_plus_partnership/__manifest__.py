{
    "name": "CRM Plus: partner levels",
    "summary": "A tier gives its customers a partner level",
    "version": "19.0.2.0.0",
    "category": "Sales/CRM",
    "license": "LGPL-3",
    "author": "CRM Plus maintainers",
    "depends": ["crm_plus", "partnership"],
    "data": ["views/crm_tier_views.xml"],
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}
