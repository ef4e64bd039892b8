from odoo import fields, models


class CrmCustomerGroupMixin(models.AbstractModel):
    _inherit = "crm.customer.group.mixin"

    loyalty_program_id = fields.Many2one(
        "loyalty.program",
        "Loyalty program",
        domain=[("applies_on", "!=", "current")],
        help="Customers who are in it get a card of this program. It is suspended while they are not.",
    )
