from odoo import api, fields, models


class CrmCustomerGroupMixin(models.AbstractModel):
    _name = "crm.customer.group.mixin"
    _inherit = ["crm.customer.group.mixin", "crm.reach.mixin"]
    # Field of an audience that says whose customers it means.
    _of_audience = ""

    followup_rule_ids = fields.Many2many(
        "crm.followup.rule", string="Follow-up rules", compute="_compute_followup_rule_ids",
        groups="crm_plus.group_crm_plus_manager",
        help="What is done with customers who enter, leave, or are here for a while.",
    )  # fmt: skip

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_followup_rule_ids(self):
        mine = f"audience_id.{self._of_audience}"
        rules = self.env["crm.followup.rule"].search([(mine, "in", self.ids)])
        for group in self:
            group.followup_rule_ids = rules.filtered_domain([(mine, "=", group._origin.id)])

    def _reach_audience(self):
        self.ensure_one()
        self.check_access("read")
        return self.env["crm.audience"]._of_group(self, self.company_id or self.env.company)

    def _reach_set(self):
        self.ensure_one()
        company = self.company_id or self.env.company
        return self.name, "crm.customer.profile", self._customers_domain() & self._in_company(company)

    def _audience_conditions(self):
        """The conditions of its audience: who is here now, as it counts them."""
        raise NotImplementedError
