from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    crm_plus_revenue_basis = fields.Selection(related="company_id.crm_plus_revenue_basis", readonly=False)
    crm_plus_rfm_mode = fields.Selection(related="company_id.crm_plus_rfm_mode", readonly=False)
    crm_plus_recency_cuts = fields.Char(related="company_id.crm_plus_recency_cuts", readonly=False)
    crm_plus_frequency_cuts = fields.Char(related="company_id.crm_plus_frequency_cuts", readonly=False)
    crm_plus_monetary_cuts = fields.Char(related="company_id.crm_plus_monetary_cuts", readonly=False)
    crm_plus_margin = fields.Float(related="company_id.crm_plus_margin", readonly=False)
    crm_plus_minimum_stay = fields.Integer(related="company_id.crm_plus_minimum_stay", readonly=False)
    crm_plus_tier_months = fields.Integer(related="company_id.crm_plus_tier_months", readonly=False)
    crm_plus_trained_date = fields.Date(related="company_id.crm_plus_trained_date")
    crm_plus_profile_date = fields.Datetime(related="company_id.crm_plus_profile_date")
