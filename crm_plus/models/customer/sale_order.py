from odoo import Command, api, models
from odoo.exceptions import UserError

from ...engine.checks import identifiers, integer
from ...services.arguments import argument
from ...services.customer.amounts import READERS
from ...services.customer.estimate import EstimatedFloat
from ...services.search import search_method

MOST_SUGGESTIONS = 100


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "crm.customer.mixin"]

    churn_risk = EstimatedFloat(
        "Churn risk (%)",
        compute="_compute_crm_profile",
        search="_search_churn_risk",
        digits=(5, 1),
        aggregator=None,
        groups=READERS,
    )

    @api.model
    def _profile_columns(self):
        return super()._profile_columns() | {"churn_risk": "churn_risk"}

    @api.model
    @search_method
    def _search_churn_risk(self, operator, value):
        return self._search_profile_column("churn_risk", operator, value)

    @api.readonly
    def get_product_suggestions(self, limit=5):
        """Products that orders like this one often have and this one has not, best first.

        ``[{"product_id": 7, "name": "Lamp", "because": "Desk", "confidence": 0.4, "lift": 2.5}]``: of the orders with
        the product *because* the share ``confidence`` also has this one, ``lift`` times as many as of all orders.
        """
        self.ensure_one()
        self.check_access("read")
        limit = argument(self.env, "limit", limit, integer(0, MOST_SUGGESTIONS))
        ordered = self.order_line.product_id
        affinities = self.env["crm.product.affinity"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("product_id", "in", ordered.ids),
                ("related_product_id", "not in", ordered.ids),
                ("related_product_id.sale_ok", "=", True),
                ("related_product_id.active", "=", True),
            ],
            order="confidence desc, lift_low desc, id",
        )
        # The best reason for each product comes first.
        best = [pairs[0] for pairs in affinities.grouped("related_product_id").values()][:limit]
        return [
            {
                "product_id": pair.related_product_id.id,
                "name": pair.related_product_id.display_name,
                "because": pair.product_id.display_name,
                "confidence": pair.confidence,
                "lift": pair.lift,
            }
            for pair in best
        ]

    def add_suggested_products(self, product_ids):
        """Add one line for each product that can be sold and is not on the order yet."""
        self.ensure_one()
        if self.state not in ("draft", "sent"):
            raise UserError(self.env._("Products can be suggested for quotations only."))
        product_ids = argument(self.env, "product_ids", product_ids, identifiers)
        products = self.env["product.product"].search([("id", "in", product_ids), ("sale_ok", "=", True)])
        new = products - self.order_line.product_id
        self.order_line = [Command.create({"product_id": product.id}) for product in new]
        return new.ids
