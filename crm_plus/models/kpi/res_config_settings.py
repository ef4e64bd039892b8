from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

    crm_plus_contact_cost = fields.Monetary(related="company_id.crm_plus_contact_cost", readonly=False)
