from odoo import fields, models


class CrmFollowupEvent(models.Model):
    _inherit = "crm.followup.event"

    kind = fields.Selection(selection_add=[("sms", "SMS"), ("tag",)], ondelete={"sms": "cascade"})
