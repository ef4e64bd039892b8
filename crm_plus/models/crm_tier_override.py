from odoo import api, fields, models


class CrmTierOverride(models.Model):
    """A tier given to a customer by hand, with the reason and, if so wished, an end."""

    _name = "crm.tier.override"
    _description = "Tier given by hand"
    _order = "id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", default=lambda self: self.env.company
    )
    tier_id = fields.Many2one(
        "crm.tier", required=True, index=True, ondelete="cascade",
        domain="[('company_id', 'in', [company_id, False])]",
    )  # fmt: skip
    reason = fields.Char(required=True)
    date_to = fields.Date("Until", help="The last day it holds; then the grace period of the tier begins.")

    @api.model_create_multi
    def create(self, vals_list):
        overrides = super().create(vals_list)
        overrides._queue_customers()
        return overrides

    def write(self, vals):
        self._queue_customers()
        result = super().write(vals)
        self._queue_customers()
        return result

    def unlink(self):
        self._queue_customers()
        return super().unlink()

    def _queue_customers(self):
        # sudo: a manager may not write the queue; ids only.
        self.env["crm.customer.queue"].sudo()._add(self.partner_id.ids)
