from odoo import api, models


class CrmTeam(models.Model):
    _inherit = "crm.team"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

    @api.ondelete(at_uninstall=False)
    def _unlink_predictions(self):
        """The database would delete them as well, but not the To-Dos on them and what they have predicted."""
        # sudo: versions are written by nobody; who may delete the team deletes what is its own.
        self.env["crm.score.model"].sudo().search([("team_id", "in", self.ids)])._discard()
