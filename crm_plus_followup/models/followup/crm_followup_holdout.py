from odoo import models


class CrmFollowupHoldout(models.Model):
    """One customer of a company whom rules and mailings may contact, or leave alone for comparison. Nobody but managers
    reads it, and nothing refers to it: what salespeople see of a customer is the same either way."""

    _name = "crm.followup.holdout"
    _inherit = ["crm.holdout.mixin"]
    _description = "Company-wide hold-out"
    _rec_name = "partner_id"
    _order = "id"
    _log_access = False
    _apart = "company_id"

    _customer_unique = models.UniqueIndex("(company_id, partner_id)")
