from odoo import models
from odoo.tools import SQL


class CrmInteraction(models.Model):
    """What people log counts for the open leads of that customer at once; what is captured from documents is queued
    by the capture itself, so that nobody's order or message waits for scores."""

    _inherit = "crm.interaction"

    def _note_scores(self):
        if self and self.pool.ready:
            self.env["crm.lead.score"]._note_interactions(SQL("i.id = ANY(%s)", self.ids))

    def _create(self, data_list):
        interactions = super()._create(data_list)
        interactions._note_scores()
        return interactions

    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        self._note_scores()
        return result

    def unlink(self):
        self._note_scores()
        return super().unlink()
