from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class CrmCustomerProfile(models.Model):
    _name = "crm.customer.profile"
    _inherit = ["crm.customer.profile", "crm.reach.mixin"]

    def _reach_set(self):
        """Who is chosen in a list or, if nobody is, all that it shows; of the current company."""
        self.check_access("read")
        mine = Domain("company_id", "=", self.env.company.id)
        shown = self.env.context.get("active_domain")
        if not self and not shown:
            raise UserError(self.env._("Choose customers first."))
        chosen = Domain("id", "in", self.ids) if self else Domain(shown)
        return self.env._("Customers"), self._name, chosen & mine

    def _reach_audience(self):
        """Of chosen customers: these. Of all that a list shows: whoever it would show at the moment it is used."""
        _name, _model, domain = self._reach_set()
        found = self.search(domain)
        day = fields.Date.to_string(fields.Date.context_today(self))
        name = self.env._("%(count)s customers chosen on %(date)s", count=len(found), date=day)
        chosen = [("partner_id", "in", found.partner_id.ids)] if self else self.env.context["active_domain"]
        return self.env["crm.audience"]._of_selection(name, chosen)

    def action_reach(self):
        """All that can be done with them, on one page that says how many they are and whom it leaves out."""
        self.env["crm.audience"].check_access("read")
        audience = self._reach_audience()
        return {
            "type": "ir.actions.act_window",
            "name": audience.name,
            "res_model": "crm.audience",
            "res_id": audience.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
