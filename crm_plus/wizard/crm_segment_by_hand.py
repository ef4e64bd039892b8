from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services.customer import words


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
            customers, left_out = wizard._customers()
            text = words.customers(self.env, len(customers))
            if left_out:
                text = self.env._(
                    "%(customers)s. Left out, because they have not bought anything yet: %(names)s.",
                    customers=text,
                    names=", ".join(left_out[:5].mapped("display_name")) + (", …" if len(left_out) > 5 else ""),
                )
            wizard.text = text

    @api.depends("company_id")
    def _compute_is_empty(self):
        for wizard in self:
            by_hand = [("kind", "=", "manual"), ("state", "=", "active")]
            mine = [("company_id", "in", [wizard.company_id.id, False])]
            wizard.is_empty = not self.env["crm.segment"].search_count(by_hand + mine, limit=1)

    def _customers(self):
        """The profiles, in the company, of the chosen customers or contacts, and the customers who have none."""
        profiles, chosen = self.env["crm.customer.profile"], self.env.context.get("active_ids") or []
        if self.env.context.get("active_model") == profiles._name:
            partners = self._readable(self._given(profiles._name, chosen)).partner_id
        else:
            partners = self._readable(self._readable(self._given("res.partner", chosen)).commercial_partner_id)
        profiles = profiles.search([("partner_id", "in", partners.ids), ("company_id", "=", self.company_id.id)])
        return profiles, partners - profiles.partner_id

    def action_apply(self):
        self.check_access("write")
        self._one()
        customers, _left_out = self._customers()
        if not customers:
            raise UserError(self.env._("None of them has bought anything yet, so there is no customer to move."))
        if self.operation == "add":
            self.segment_id._add_customers(customers, self.reason)
        else:
            self.segment_id._remove_customers(customers, self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
