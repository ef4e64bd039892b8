from odoo import models
from odoo.tools import SQL

# Carries the leads found before a capture to the query after it, within the same round trip.
SETTING = "crm_plus.leads"


class CrmInteraction(models.Model):
    """What is new in the timeline counts for the open leads of that customer at once."""

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

    def _around_capture(self, notes):
        """The open leads of what may leave the timeline before, and of what has entered it after."""
        scores = self.env["crm.lead.score"]
        if not scores._counts_events():
            return super()._around_capture(notes)
        leads = scores._interaction_leads(_captured(notes))
        before = SQL("SELECT set_config(%s, (SELECT string_agg(id::text, ',') FROM (%s) lead), TRUE)", SETTING, leads)
        after = SQL(
            "%s UNION SELECT unnest(string_to_array(NULLIF(current_setting(%s, TRUE), ''), ',')::int[])", leads, SETTING
        )
        return tuple(self.env.cr.mogrify(sql.code, sql.params).decode() for sql in (before, after))

    def _after_capture(self, notes, found):
        result = super()._after_capture(notes, found)
        scores = self.env["crm.lead.score"]
        if found is None:
            scores._note_interactions(_captured(notes))
        else:
            scores._note_leads([row[0] for row in found])
        return result


def _captured(notes):
    """The interactions ``i`` of the noted records."""
    return SQL(
        "(%s)",
        SQL(" OR ").join(
            SQL("i.source_id = %s AND i.res_id = ANY(%s)", source_id, list(ids))
            for source_id, ids in notes.records.items()
        ),
    )
