"""The overview as people use it: in a browser."""

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .test_kpi_day import KpiCase


@tagged("post_install", "-at_install")
class TestKpiTour(KpiCase, HttpCase):
    def test_the_overview_is_looked_at_and_arranged(self):
        for number in range(3):
            self.order(self.customer(f"Customer {number}"), 100, self.noon(1 + number))
        self.record()
        manager = new_test_user(
            self.env, "tour_manager", "sales_team.group_sale_manager,base.group_partner_manager",
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)],
        )  # fmt: skip
        self.start_tour("/odoo/crm-overview", "crm_plus_overview_tour", login="tour_manager", timeout=180)
        settings = self.env["res.users.settings"].search([("user_id", "=", manager.id)])
        cards = settings.crm_plus_cards.split(",")
        self.assertNotIn("channels", cards)
        self.assertLess(cards.index("funnel"), cards.index("segments"))
