from odoo import api, fields, models, tools


class CrmInteractionChannel(models.Model):
    _name = "crm.interaction.channel"
    _inherit = ["crm.kept.mixin"]
    _description = "Interaction channel"
    _order = "sequence, id"

    _kept_by = (
        ("crm.interaction", "channel_id"),
        ("crm.interaction.source", "channel_id"),
        ("crm.interaction.source.variant", "channel_id"),
        ("crm.score.rule", "channel_ids"),
    )

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Short technical name, used in imports and rules.")
    icon = fields.Char(default="fa-comment-o", help="Font Awesome icon, such as fa-phone.")
    color = fields.Integer()
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_contact = fields.Boolean(
        "Contact with the customer",
        default=True,
        help="Off: it reports what happened to one of your own records, such as a lead created, won or lost. Score "
        "rules without a channel ignore it.",
    )

    _code_unique = models.Constraint("UNIQUE (code)", "Another channel has this code. Choose a different one.")

    @api.model_create_multi
    def create(self, vals_list):
        channels = super().create(vals_list)
        channels._contact_changed()
        return channels

    def write(self, vals):
        result = super().write(vals)
        if "is_contact" in vals:
            self._contact_changed()
        return result

    def unlink(self):
        result = super().unlink()
        self._contact_changed()
        return result

    def _contact_changed(self):
        """Rules without channels count other events now."""
        self.env["crm.score.rule"]._rules_changed()

    @api.model
    @tools.ormcache()
    def _contact_ids(self):
        """The channels that tell what happened between us and a customer, archived ones too."""
        # sudo: which channels there are, whoever saves a lead.
        channels = self.sudo().with_context(active_test=False)
        return tuple(channels.search([("is_contact", "=", True)], order="id").ids)
