from odoo import models


class CrmCustomerGroupMixin(models.AbstractModel):
    _name = "crm.customer.group.mixin"
    _inherit = ["crm.customer.group.mixin", "crm.reach.mixin"]

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
