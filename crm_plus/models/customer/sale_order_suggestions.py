from odoo import Command, models
from odoo.exceptions import UserError

from ...engine.checks import identifiers
from ...services.arguments import argument


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def add_suggested_products(self, product_ids):
        """Add one line for each product that can be sold and is not on the order yet."""
        self.ensure_one()
        if self.state not in ("draft", "sent"):
            raise UserError(self.env._("Products are suggested for quotations only."))
        product_ids = argument(self.env, "product_ids", product_ids, identifiers)
        products = self.env["product.product"].search([("id", "in", product_ids), ("sale_ok", "=", True)])
        new = products - self.order_line.product_id
        self.order_line = [Command.create({"product_id": product.id}) for product in new]
        return new.ids
