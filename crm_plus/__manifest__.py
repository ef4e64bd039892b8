{
    "name": "CRM Plus",
    "summary": "Interaction history, lead scoring and loyalty segments",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "license": "LGPL-3",
    "author": "CRM Plus maintainers",
    "depends": ["crm", "sale_management", "sale_crm", "contacts", "calendar"],
    "data": [
        "security/crm_plus_groups.xml",
        "security/ir.model.access.csv",
        "security/crm_interaction_security.xml",
        "security/crm_customer_profile_security.xml",
        "data/crm_interaction_channel_data.xml",
        "data/ir_cron_data.xml",
        "data/crm_interaction_source_data.xml",
    ],
    "post_init_hook": "post_init_hook",
}
