from odoo import fields, models


class CrmInteractionQueue(models.Model):
    """A record whose capture failed, to be captured again by the next reconciliation. Only ever inserted into by user
    transactions, so that they never wait for each other."""

    _name = "crm.interaction.queue"
    _description = "Interaction to capture again"
    _log_access = False
    _order = "id"

    source_id = fields.Many2one("crm.interaction.source", required=True, ondelete="cascade", index=True)
    res_id = fields.Integer(required=True)
    error = fields.Text()
    date = fields.Datetime(default=fields.Datetime.now)
