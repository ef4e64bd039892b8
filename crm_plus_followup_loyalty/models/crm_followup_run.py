from odoo import api, fields, models


class CrmFollowupRun(models.Model):
    _inherit = "crm.followup.run"

    has_given = fields.Boolean("Has points to take back", compute="_compute_has_given")

    @api.depends("event_ids.given_points")
    def _compute_has_given(self):
        for run in self:
            run.has_given = any(run.event_ids.mapped("given_points"))

    def action_take_back(self):
        """Take back what these runs have given of points and coupons, as far as it has not been used."""
        self._check_manager()
        # sudo: what runs did, and cards, are written for a manager, whose right to it has been checked.
        for event in self.event_ids.filtered("given_points").sudo():
            event._take_back()
