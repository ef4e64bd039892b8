from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestCustomerTours(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mona = new_test_user(
            cls.env, "mona.manager", "sales_team.group_sale_manager,base.group_partner_manager", name="Mona"
        )
        cls.customer = cls.env["res.partner"].create({"name": "Miller's Mill", "is_company": True})
        product = cls.env["product.product"].create({"name": "Stone", "list_price": 5000})
        orders = cls.env["sale.order"].create(
            [
                {"partner_id": cls.customer.id, "order_line": [Command.create({"product_id": product.id})]}
                for _number in range(60)
            ]
        )
        orders.action_confirm()
        for days, order in enumerate(orders):
            order.date_order = fields.Datetime.now() - timedelta(days=days)
        cls.env.company.crm_plus_rfm_mode = "fixed"  # whatever else the database holds
        cls.env["crm.customer.profile"]._refresh_company(cls.env.company)

    def test_a_manager_goes_from_the_map_to_a_customer(self):
        self.customer.user_id = self.mona
        self.start_tour("/odoo", "crm_plus_segment_map", login="mona.manager")
