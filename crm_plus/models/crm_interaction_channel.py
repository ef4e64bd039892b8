from odoo import fields, models


class CrmInteractionChannel(models.Model):
    _name = "crm.interaction.channel"
    _description = "Interaction channel"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Short technical name, used by imports and rules.")
    icon = fields.Char(default="fa-comment-o", help="Font Awesome icon, such as fa-phone.")
    color = fields.Integer()
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_unique = models.Constraint("UNIQUE (code)", "Another channel has this code. Choose a different one.")
