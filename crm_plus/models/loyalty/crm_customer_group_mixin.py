from odoo import api, fields, models

# What scheduled actions note on a group: no change of it.
NOTES = {"error", "rule_error", "benefits_changed"}


class CrmCustomerGroupMixin(models.AbstractModel):
    """The head of what customers are put into, segments and tiers: a name, who is there, what they have by it."""

    _name = "crm.customer.group.mixin"
    _description = "Customer group with benefits"
    # Model of the stays in it.
    _stays = ""

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer(aggregator=None)
    tag_id = fields.Many2one("res.partner.category", help="Applied to customers as long as they are in it.")
    pricelist_id = fields.Many2one(
        "product.pricelist",
        help="Set on customers without a pricelist of their own. A company's pricelist is for its customers only.",
    )
    user_id = fields.Many2one(
        "res.users", "Responsible", domain="[('share', '=', False)]",
        help="Looks after these customers where they have no salesperson.",
    )  # fmt: skip
    error = fields.Text("Problem", readonly=True, copy=False, help="What went wrong with its benefits.")
    benefits_changed = fields.Boolean(
        readonly=True,
        copy=False,
        help="Customers already in it have yet to get its current benefits.",
        string="Benefits changed",
    )
    customer_count = fields.Integer(
        "Customers", compute="_compute_customer_count", help="Those in the current company."
    )

    @api.depends_context("company")
    def _compute_customer_count(self):
        counts = self._customer_counts(self.env.company)
        for group in self:
            group.customer_count = counts.get(group._origin, 0)

    def write(self, vals):
        if not vals.keys() <= NOTES:
            # Whoever changes it wants to know of new problems only.
            vals = {"error": False, **vals}
        if vals.keys() & self._benefit_fields():
            vals = {"benefits_changed": True, **vals}
        return super().write(vals)

    def action_open_customers(self):
        """The customers of the current company who are here."""
        self.ensure_one()
        return self.env["crm.customer.profile"]._action_customers(self.name, self._customers_domain(), self.env.company)

    @api.model
    def _benefit_fields(self):
        """What customers have as long as they are here."""
        return set(self.env[self._stays]._benefits().values())

    def _acts_on_enter(self):
        """Whether who comes here gets anything."""
        self.ensure_one()
        return any(self[name] for name in self._benefit_fields())

    def _customer_counts(self, company):
        """``{group: number of customers of the company}``; who has none may be left out."""
        raise NotImplementedError

    def _customers_domain(self):
        """Which profiles are here."""
        raise NotImplementedError
