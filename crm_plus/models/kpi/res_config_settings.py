from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    crm_plus_contact_cost = fields.Monetary(related="company_id.crm_plus_contact_cost", readonly=False)
