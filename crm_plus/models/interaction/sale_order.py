from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

    crm_canceled_date = fields.Datetime(
        "Canceled on",
        readonly=True,
        copy=False,
        groups="crm_plus.group_crm_plus_user",
        help="When the order was canceled after it had been confirmed.",
    )

    def write(self, vals):
        """The host does not keep when an order is canceled."""
        if vals.get("state") not in ("cancel", "draft"):
            return super().write(vals)
        was_order = self.filtered(lambda order: order.state == "sale")
        result = super().write(vals)
        # sudo: whoever cancels an order, with or without a timeline
        if vals["state"] == "draft":
            self.sudo().crm_canceled_date = False
        else:
            was_order.sudo().crm_canceled_date = fields.Datetime.now()
        return result
