from odoo import models

from ...services.interaction.capture import notes


class Base(models.AbstractModel):
    _inherit = "base"

    # Interactions are captured from what reaches the database, whether by create(), write() or a recomputed field.
    # A model that no source reads pays one dictionary look-up.

    def _crm_plus_watch(self):
        if not self.pool.ready or "crm.interaction.source" not in self.pool:
            return None
        return self.env["crm.interaction.source"]._watchlist().get(self._name)

    def _create(self, data_list):
        records = super()._create(data_list)
        if watch := self._crm_plus_watch():
            notes.note_created(records, data_list, watch)
        return records

    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        if self and (watch := self._crm_plus_watch()):
            notes.note_written(self, vals_list, watch)
        return result

    def unlink(self):
        if self and (watch := self._crm_plus_watch()):
            notes.note_unlinked(self, watch)
        return super().unlink()
