from odoo import api, fields, models

# What is noted on a group by scheduled actions: no change of it.
PROBLEMS = {"error", "rule_error"}


class CrmCustomerGroupMixin(models.AbstractModel):
    """The head of what customers are put into, segments and tiers: a name, who is there, what follows from it."""

    _name = "crm.customer.group.mixin"
    _description = "Group of customers"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer(aggregator=None)
    tag_id = fields.Many2one("res.partner.category", help="Put on entering and, if put so, removed on leaving.")
    user_id = fields.Many2one(
        "res.users", "Responsible", domain="[('share', '=', False)]",
        help="Gets the activities of customers who have no salesperson.",
    )  # fmt: skip
    error = fields.Text("Problem", readonly=True, copy=False, help="What went wrong when acting on its customers.")
    customer_count = fields.Integer(
        "Customers", compute="_compute_customer_count", help="Those of the current company."
    )

    @api.depends_context("company")
    def _compute_customer_count(self):
        counts = self._customer_counts(self.env.company)
        for group in self:
            group.customer_count = counts.get(group._origin, 0)

    def write(self, vals):
        # Whoever changes it wants to know of new problems only.
        return super().write(vals if vals.keys() <= PROBLEMS else {"error": False, **vals})

    def action_open_customers(self):
        """The customers of the current company who are here."""
        self.ensure_one()
        return self.env["crm.customer.profile"]._action_customers(self.name, self._customers_domain(), self.env.company)

    def _customer_counts(self, company):
        """``{group: number of customers of the company}``; who has none may be left out."""
        raise NotImplementedError

    def _customers_domain(self):
        """Which profiles are here."""
        raise NotImplementedError
