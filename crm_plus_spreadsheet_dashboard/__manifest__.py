{
    "name": "CRM Plus: dashboards",
    "summary": "Figures over time and their targets as spreadsheet dashboards",
    "version": "19.0.2.0.0",
    "category": "Sales/CRM",
    "license": "LGPL-3",
    "author": "CRM Plus maintainers",
    "depends": ["crm_plus", "spreadsheet_dashboard"],
    "data": ["data/spreadsheet_dashboard_data.xml"],
    "assets": {
        "spreadsheet.o_spreadsheet": ["crm_plus_spreadsheet_dashboard/static/src/**/*.js"],
        "web.assets_unit_tests": ["crm_plus_spreadsheet_dashboard/static/tests/**/*.test.js"],
    },
    "auto_install": True,
}
