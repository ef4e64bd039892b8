from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .crm_customer_prediction import RISK_LEVELS


class CrmCustomerProfile(models.Model):
    """What the views of customers need beside the figures."""

    _inherit = "crm.customer.profile"

    partner_tag_ids = fields.Many2many(related="partner_id.category_id", string="Customer tags")

    @api.model
    def _action_customers(self, name, domain, company):
        """A window with these customers of one company, in all the views of customers."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_plus.crm_customer_profile_action")
        domain = Domain("company_id", "=", company.id) & domain
        return action | {"name": name, "domain": list(domain), "help": False, "path": False}

    def action_open_customer(self):
        return self.partner_id.get_formview_action()

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "churn_level":
            return super()._field_to_sql(alias, field_expr, query)
        # So that customers are counted and grouped by their risk; one who was not predicted has none.
        risk = self._field_to_sql(alias, "churn_risk", query)
        levels = [SQL("WHEN %s >= %s THEN %s", risk, least, level) for least, level in RISK_LEVELS]
        return SQL("CASE %s END", SQL(" ").join(levels))
