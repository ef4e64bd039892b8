from odoo import fields, models


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    crm_plus_cards = fields.Char("Cards of the overview", help="Their names in order; empty: as the sales team has it.")
