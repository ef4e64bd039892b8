{
    "name": "CRM Plus: loyalty programs",
    "summary": "A tier opens a loyalty program to its customers",
    "version": "19.0.2.0.0",
    "category": "Sales/CRM",
    "license": "LGPL-3",
    "author": "CRM Plus maintainers",
    "depends": ["crm_plus", "loyalty"],
    "data": ["views/crm_tier_views.xml"],
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}
