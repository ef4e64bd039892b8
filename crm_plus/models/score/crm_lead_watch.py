from odoo import models


class CrmLead(models.Model):
    """Leads with a changed value that a score rule reads are scored again by the same transaction."""

    _inherit = "crm.lead"

    def _note_scores(self, names=None):
        """Note these leads when one of the fields ``names`` counts; None: all do."""
        if self and self.pool.ready:
            scores = self.env["crm.lead.score"]
            if names is None or not scores._watched()["crm.lead"].isdisjoint(names):
                scores._note_leads(self.ids)

    def _create(self, data_list):
        leads = super()._create(data_list)
        leads._note_scores()
        return leads

    def write(self, vals):
        result = super().write(vals)
        self._note_scores(vals)  # before anything is read again; also tags, which are not columns
        return result

    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        self._note_scores({name for vals in vals_list for name in vals})  # recomputed columns
        return result

    def _merge_dependences(self, opportunities):
        """The lead that remains is scored with the events of all; the merged leads take their scores along."""
        result = super()._merge_dependences(opportunities)
        # sudo: scores are written by nobody; when it became hot, and whether somebody was told.
        self.env["crm.lead.score"].sudo()._merge_hot(self, opportunities)
        self._note_scores()
        return result
