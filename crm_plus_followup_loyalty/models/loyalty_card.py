from odoo import models


class LoyaltyCard(models.Model):
    _inherit = "loyalty.card"

    def _crm_plus_issue(self, points, description):
        """Give so many points to each of these cards, or take as many of what was given back when they are negative;
        the lines of their history."""
        lines = self.env["loyalty.history"].create(
            [{"card_id": card.id, "issued": points, "description": description} for card in self]
        )
        for card in self:
            card.points += points
        return lines
