from odoo import fields, models


class CrmCustomerKept(models.Model):
    """What a customer was as long as revenue was counted by another setting: place, grace and forecasts, so that all of
    it is there again once the setting is changed back. Written by the refresh only."""

    _name = "crm.customer.kept"
    _description = "Customer under another setting"
    _log_access = False
    _order = "id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    basis = fields.Char("Revenue counted by", required=True, readonly=True)
    figures = fields.Json("Places and forecasts", readonly=True)
    segment_stays = fields.Json("Stays in segments", readonly=True)
    tier_stays = fields.Json("Stays in tiers", readonly=True)

    _basis_index = models.Index("(company_id, basis)")
