from odoo import api, fields, models
from odoo.exceptions import AccessError


class CrmTrainedMixin(models.AbstractModel):
    """One version of what a scheduled action learns for a company. One is in use, earlier ones can be used again; where
    there was too little to learn from, the version is the reason for that.

    Written by the training only: a manager trains, publishes and retires. Intended for models with a selection
    ``state`` that knows "published", "retired" and "abstained".
    """

    _name = "crm.trained.mixin"
    _description = "Version of what was learned"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    version = fields.Integer(required=True, readonly=True, aggregator=None, help="Counts the trainings, oldest first.")
    trained_on = fields.Datetime("Trained on", readonly=True)
    seconds = fields.Float("Duration (seconds)", readonly=True, aggregator=None, help="How long the training took.")
    shortfall = fields.Json(readonly=True)

    @api.model
    def _check_manager(self):
        """Refuse whoever may not train, publish or retire."""
        if not self.env.user.has_group("crm_plus.group_crm_plus_manager"):
            raise AccessError(
                self.env._("Only CRM Plus managers can train, publish and retire: %s.", self._description)
            )
        self.check_access("read")

    @api.model
    def _told(self, message, **then):
        """A notification: what the user is to expect of what was begun."""
        params = {"type": "info", "message": message, **then}
        return {"type": "ir.actions.client", "tag": "display_notification", "params": params}

    @api.model
    def _show_trained(self, company):
        """Have the lists of versions that managers of the company look at show the new ones."""
        # sudo: who the managers are; they learn that there is something new, not what
        managers = self.env.ref("crm_plus.group_crm_plus_manager").sudo().all_user_ids
        for manager in managers.filtered(lambda user: user.active and company in user.company_ids):
            manager._bus_send("crm_plus.trained", {})
