from odoo import models


class CrmSegment(models.Model):
    _inherit = "crm.segment"
    _of_audience = "segment_id"

    def preview_changes(self, vals):
        """Also the names of the active rules that follow it."""
        result = super().preview_changes(vals)
        rules = self.followup_rule_ids.filtered(lambda rule: rule.state == "active")
        return {**result, "follows": [*result["follows"], *rules.mapped("name")]}

    def _audience_conditions(self):
        return [("membership_ids", "any", [("segment_id", "in", self.ids), ("date_to", "=", False)])]
