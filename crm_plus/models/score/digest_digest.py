from odoo import fields, models
from odoo.exceptions import AccessError


class DigestDigest(models.Model):
    _inherit = "digest.digest"

    kpi_crm_plus_hot_leads = fields.Boolean("Hot leads")
    kpi_crm_plus_hot_leads_value = fields.Integer(
        string="Hot leads (value)", compute="_compute_kpi_crm_plus_hot_leads_value"
    )

    def _compute_kpi_crm_plus_hot_leads_value(self):
        if not self.env.user.has_group("sales_team.group_sale_salesman"):
            raise AccessError(self.env._("Do not have access, skip this data for user's digest email"))
        self._calculate_company_based_kpi("crm.lead", "kpi_crm_plus_hot_leads_value", date_field="hot_date")

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("crm.crm_menu_root").id
        actions["kpi_crm_plus_hot_leads"] = f"crm_plus.crm_lead_action_hot?menu_id={menu}"
        return actions
