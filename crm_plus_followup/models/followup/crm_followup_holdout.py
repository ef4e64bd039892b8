from odoo import fields, models


class CrmFollowupHoldout(models.Model):
    """One customer of a company whom rules and mailings may contact, or leave alone for comparison. Assigned when they
    are to be contacted for the first time, once and for all. Nobody but managers reads it, and nothing refers to it:
    what salespeople see of a customer is the same either way."""

    _name = "crm.followup.holdout"
    _description = "Company-wide hold-out"
    _rec_name = "partner_id"
    _order = "id"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    held_out = fields.Boolean("Held out", readonly=True, help="Not contacted, for comparison.")
    date_assigned = fields.Datetime("Reached or held out", required=True, readonly=True)
    segment_id = fields.Many2one("crm.segment", readonly=True, ondelete="set null")

    _customer_unique = models.UniqueIndex("(company_id, partner_id)")
