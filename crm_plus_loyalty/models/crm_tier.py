from odoo import fields, models


class CrmTier(models.Model):
    _inherit = "crm.tier"

    loyalty_program_id = fields.Many2one(
        "loyalty.program",
        "Loyalty program",
        domain=[("applies_on", "!=", "current")],
        help="Customers of the tier get a card of this program. It is suspended while they are not in the tier.",
    )
