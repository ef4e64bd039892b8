from odoo import fields, models


class MailMessage(models.Model):
    _inherit = "mail.message"

    crm_is_automatic = fields.Boolean(
        "Automatic answer",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="The headers of the email say that a machine has written it. They are not kept otherwise.",
    )
