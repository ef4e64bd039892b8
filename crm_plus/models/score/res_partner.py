from odoo import models


class ResPartner(models.Model):
    """A changed contact has the leads of its customer scored again, when a score rule reads what changed."""

    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

    def _note_scores(self, names):
        if self and self.pool.ready:
            scores = self.env["crm.lead.score"]
            if not scores._watched()["res.partner"].isdisjoint(names):
                scores._note_customers(self.ids)

    def write(self, vals):
        result = super().write(vals)
        self._note_scores(vals)
        return result

    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        self._note_scores({name for vals in vals_list for name in vals})
        return result
