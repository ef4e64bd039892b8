from odoo import models


class CrmSegment(models.Model):
    _inherit = "crm.segment"

    def _audience_conditions(self):
        return [("membership_ids", "any", [("segment_id", "in", self.ids), ("date_to", "=", False)])]
