from odoo import fields, models


class MailingSubscription(models.Model):
    _inherit = "mailing.subscription"

    crm_followed = fields.Boolean(
        "By the audience", readonly=True, copy=False, help="Put on the list because it follows an audience."
    )
