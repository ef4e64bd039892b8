{
    "name": "CRM Plus: loyalty programs",
    "summary": "Segments and tiers open loyalty programs to their customers",
    "version": "19.0.2.0.0",
    "category": "Sales/CRM",
    "license": "LGPL-3",
    "author": "CRM Plus maintainers",
    "depends": ["crm_plus", "loyalty"],
    "data": ["views/crm_segment_views.xml", "views/crm_tier_views.xml"],
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}
