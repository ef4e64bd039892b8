from decimal import Decimal

from odoo import models

from ...engine.score.rules import RulePoints


class CrmScoreRule(models.Model):
    _inherit = "crm.score.rule"

    def _as_points(self, points):
        """These points of the rule, as the engine adds them up."""
        cap = Decimal(f"{self.cap:.2f}") if self.kind == "engagement" and self.cap else None
        return RulePoints(str(self.id), points, cap, str(self.group_id.id) if self.group_id else None)

    def _offer(self, given):
        """The points the rule would add to those it gives already (None: it does not apply), or None."""
        points = Decimal(f"{self.points:.2f}")
        if points > 0:
            return points if given is None or (self.kind == "engagement" and not self.once) else None
        return -given if given is not None and self.kind != "engagement" else None
