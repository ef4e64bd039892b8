{
    "name": "CRM Plus: point of sale",
    "summary": "Point of sale orders count as revenue of a customer",
    "version": "19.0.2.0.0",
    "category": "Sales/CRM",
    "license": "LGPL-3",
    "author": "CRM Plus maintainers",
    "depends": ["crm_plus", "point_of_sale"],
    "auto_install": True,
}
