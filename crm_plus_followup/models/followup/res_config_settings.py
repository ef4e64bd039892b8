from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_crm_today_first = fields.Boolean(
        "CRM opens with My customers today",
        implied_group="crm_plus_followup.group_today_first",
        group="crm_plus.group_crm_plus_user",
    )
