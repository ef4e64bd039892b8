from odoo import fields, models


class CrmInteraction(models.Model):
    """What interactions are reported by besides their own fields: read through the customer and the user."""

    _inherit = "crm.interaction"

    country_id = fields.Many2one(related="partner_id.country_id")
    industry_id = fields.Many2one(related="partner_id.industry_id")
    partner_tag_ids = fields.Many2many(related="partner_id.category_id", string="Customer tags")
    team_id = fields.Many2one(related="user_id.sale_team_id", string="Sales team")
