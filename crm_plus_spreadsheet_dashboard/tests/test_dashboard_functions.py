from odoo.addons.crm_plus.tests.hoot import run_suite
from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestDashboardFunctions(HttpCase):
    def test_the_javascript_suite_passes(self):
        run_suite(self, "@crm_plus_spreadsheet_dashboard")
