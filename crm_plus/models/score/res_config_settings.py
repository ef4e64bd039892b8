from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

    crm_plus_fit_weight = fields.Float(related="company_id.crm_plus_fit_weight", readonly=False)
    crm_plus_fit_cuts = fields.Char(related="company_id.crm_plus_fit_cuts", readonly=False)
    crm_plus_engagement_cuts = fields.Char(related="company_id.crm_plus_engagement_cuts", readonly=False)
    crm_plus_hot_score = fields.Float(related="company_id.crm_plus_hot_score", readonly=False)
    crm_plus_hot_activity_type_id = fields.Many2one(related="company_id.crm_plus_hot_activity_type_id", readonly=False)
    crm_plus_history_months = fields.Integer(related="company_id.crm_plus_history_months", readonly=False)
    crm_plus_score_date = fields.Datetime(related="company_id.crm_plus_score_date")
