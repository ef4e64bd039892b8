from odoo import api, fields, models

from .crm_interaction_source import DIRECTIONS


class CrmInteractionSourceVariant(models.Model):
    _name = "crm.interaction.source.variant"
    _description = "Conditional channel of an interaction source"
    _order = "sequence, id"

    source_id = fields.Many2one("crm.interaction.source", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    domain = fields.Char(required=True, default="[]")
    channel_id = fields.Many2one("crm.interaction.channel", required=True, ondelete="restrict")
    direction = fields.Selection(DIRECTIONS, required=True, default="none")

    @api.model_create_multi
    def create(self, vals_list):
        variants = super().create(vals_list)
        variants.source_id._sources_changed()
        return variants

    def write(self, vals):
        result = super().write(vals)
        self.source_id._sources_changed()
        return result

    def unlink(self):
        self.source_id._sources_changed()
        return super().unlink()
