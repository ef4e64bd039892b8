from odoo import models
from odoo.tools import SQL


class CrmTier(models.Model):
    _name = "crm.tier"
    _inherit = ["crm.tier", "crm.preview.mixin"]

    def _applies_to(self, company):
        # A tier that is being archived is no longer among them, but those who have it are moved.
        return self.company_id <= company and (self in self._tiers_of(company) or not self.active)

    def _preview_moves(self, company):
        """Also who begins to lose a tier, with the last day of the grace, and who no longer does."""
        self._recompute_limits(company)
        rows = self.env.execute_query(
            SQL(
                """SELECT old, new, until, count(*) FROM (%s) m
                    GROUP BY old, new, until ORDER BY count(*) DESC, old, new, until""",
                self._tiers_of(company)._moves_query(company, SQL("TRUE")),
            )
        )
        return self._name_moves(self, rows)
