from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services.customer import chosen, words


class CrmSegmentByHand(models.TransientModel):
    """Put the chosen customers into a segment that is filled manually, or take them out of it."""

    _name = "crm.segment.by.hand"
    _inherit = ["crm.readable.mixin"]
    _description = "Manual segment change"

    operation = fields.Selection(
        [("add", "Add to segment"), ("remove", "Remove from segment")],
        required=True,
        default="add",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    segment_id = fields.Many2one(
        "crm.segment", required=True,
        domain="[('kind', '=', 'manual'), ('state', '=', 'active'), ('company_id', 'in', [company_id, False])]",
    )  # fmt: skip
    reason = fields.Char(required=True, help="Recorded in the customer's segment history.")
    text = fields.Char("Customers", compute="_compute_text")
    is_empty = fields.Boolean(
        string="Is empty", compute="_compute_is_empty", help="There is no manual segment to choose."
    )

    @api.depends("company_id")
    @api.depends_context("active_model", "active_ids")
    def _compute_text(self):
        for wizard in self:
            customers, new = wizard._customers()
            text = words.customers(self.env, len(customers) + len(new))
            if new:
                text = self.env._(
                    "%(customers)s, also before their first order: %(names)s.",
                    customers=text,
                    names=", ".join(new[:5].mapped("display_name")) + (", …" if len(new) > 5 else ""),
                )
            wizard.text = text

    @api.depends("company_id")
    def _compute_is_empty(self):
        for wizard in self:
            by_hand = [("kind", "=", "manual"), ("state", "=", "active")]
            mine = [("company_id", "in", [wizard.company_id.id, False])]
            wizard.is_empty = not self.env["crm.segment"].search_count(by_hand + mine, limit=1)

    def _customers(self):
        """The profiles, in the company, of the chosen customers or contacts, and the customers who have none yet."""
        profiles, given = self.env["crm.customer.profile"], self.env.context.get("active_ids") or []
        if self.env.context.get("active_model") == profiles._name:
            partners = self._readable(self._given(profiles._name, given)).partner_id
        else:
            partners = self._readable(self._readable(self._given("res.partner", given)).commercial_partner_id)
        profiles = profiles.search([("partner_id", "in", partners.ids), ("company_id", "=", self.company_id.id)])
        # sudo: only whether there is such a company.
        new = (partners - profiles.partner_id).filtered(lambda p: p.partner_share and not p.sudo().ref_company_ids)
        return profiles, new

    def action_apply(self):
        self.check_access("write")
        self._one()
        customers, new = self._customers()
        if not customers and not (new and self.operation == "add"):
            raise UserError(self.env._("None of them is a customer, so there is nobody to move."))
        if self.operation == "add":
            if new:
                customers |= chosen.include(self.env, self.company_id, new)
            self.segment_id._add_customers(customers, self.reason)
        else:
            self.segment_id._remove_customers(customers, self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
