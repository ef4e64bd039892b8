"""Who takes back what rules have given; see ``expectations.py`` of CRM Plus."""

from odoo.addons.crm_plus_followup.tests.access_expectations import MANAGERS

METHODS = {("crm.followup.run", "action_take_back"): MANAGERS}
