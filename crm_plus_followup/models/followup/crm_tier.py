from odoo import models


class CrmTier(models.Model):
    _inherit = "crm.tier"
    _of_audience = "tier_id"

    def _audience_conditions(self):
        return [("tier_id", "in", self.ids)]
