from odoo import fields, models


class CrmScoreTraining(models.TransientModel):
    """A training up to a day of one's choice."""

    _name = "crm.score.training"
    _inherit = ["crm.readable.mixin"]
    _description = "Training as of a date"

    cutoff = fields.Date(
        "Learn from leads closed until", required=True, help="The version is evaluated on leads closed after this date."
    )

    def action_train(self):
        """Train the versions of the current company in the background."""
        return self.env["crm.score.model"].action_train(self._one().cutoff)
