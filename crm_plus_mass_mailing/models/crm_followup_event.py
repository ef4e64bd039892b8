from odoo import fields, models


class CrmFollowupEvent(models.Model):
    _inherit = "crm.followup.event"

    kind = fields.Selection(selection_add=[("list", "Mailing list"), ("tag",)], ondelete={"list": "cascade"})
