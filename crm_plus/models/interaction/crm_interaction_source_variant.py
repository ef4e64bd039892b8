from odoo import fields, models

from .crm_interaction_source import DIRECTIONS


class CrmInteractionSourceVariant(models.Model):
    _name = "crm.interaction.source.variant"
    _description = "Channel of some records of an interaction source"
    _order = "sequence, id"

    source_id = fields.Many2one("crm.interaction.source", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    domain = fields.Char(required=True, default="[]")
    channel_id = fields.Many2one("crm.interaction.channel", required=True, ondelete="restrict")
    direction = fields.Selection(DIRECTIONS, required=True, default="none")
