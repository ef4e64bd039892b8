from odoo import api, fields, models

from ...engine.prediction.landmarks import LANDMARKS
from ...services.prediction import past


class CrmLeadLandmark(models.Model):
    """What an open lead said when it was so many days old: of fields whose changes the host does not keep. Trainings
    read closed leads by it; nobody else does."""

    _name = "crm.lead.landmark"
    _description = "Lead at an age"
    _log_access = False
    _order = "id"

    lead_id = fields.Many2one("crm.lead", required=True, readonly=True, ondelete="cascade")
    age = fields.Integer("Age (days)", required=True, readonly=True, aggregator=None)
    said = fields.Json("Values", required=True, readonly=True)

    _age_unique = models.Constraint("UNIQUE (lead_id, age)", "A lead is this old once.")

    @api.model
    def _keep(self):
        """Keep what open leads say that have reached a landmark since last night."""
        readings = [feature._reading() for feature in self.env["crm.score.feature"]._usable()]
        past.keep(self.env, readings, LANDMARKS)
        self.invalidate_model(flush=False)
