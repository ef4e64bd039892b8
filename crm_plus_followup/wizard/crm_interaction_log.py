from odoo import fields, models
from odoo.exceptions import AccessError


class CrmInteractionLog(models.TransientModel):
    """Opened on an activity, it says how that ended: the activity is done, and the history has it by that."""

    _inherit = "crm.interaction.log"

    # It refers to nothing: an activity that its user may not see is none.
    activity_ref = fields.Integer("Activity that is done")

    def _log(self):
        self._one()
        if not self.activity_ref:
            return super()._log()
        targets = self._targets()
        targets.check_access("read")
        activity = self.env["mail.activity"].search([("id", "=", self.activity_ref)])
        if not activity or not activity.has_access("write"):
            raise AccessError(self.env._("This has been done already."))
        outcome = dict(self._fields["outcome"]._description_selection(self.env)).get(self.outcome)
        said = "\n".join(text for text in (outcome, self.name, self.note) if text)
        activity.action_feedback(feedback=said or False)
        return targets
