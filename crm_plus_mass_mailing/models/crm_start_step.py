from odoo import api, models
from odoo.fields import Domain


class CrmStartStep(models.Model):
    _inherit = "crm.start.step"

    @api.model
    def _mailings_to_segments(self):
        return super()._mailings_to_segments() | Domain("crm_audience_id", "!=", False)
