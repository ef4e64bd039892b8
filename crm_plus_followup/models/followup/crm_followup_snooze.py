from odoo import fields, models


class CrmFollowupSnooze(models.Model):
    """A customer or lead that somebody wants to see no more for a while, or for good, for one reason."""

    _name = "crm.followup.snooze"
    _description = "Customer put off"
    _rec_name = "partner_id"

    kind = fields.Char("Reason", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, index=True, ondelete="cascade")
    lead_id = fields.Many2one("crm.lead", readonly=True, index="btree_not_null", ondelete="cascade")
    date_until = fields.Date("Until", readonly=True)

    _who_index = models.Index("(user_id, kind)")
