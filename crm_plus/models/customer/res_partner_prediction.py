from odoo import api, models

from ...services.customer.estimate import EstimatedFloat, EstimatedMonetary
from ...services.search import search_method


class ResPartner(models.Model):
    _inherit = "res.partner"

    churn_risk = EstimatedFloat(
        "Churn risk (%)",
        compute="_compute_crm_profile",
        search="_search_churn_risk",
        digits=(5, 1),
        aggregator=None,
        groups="crm_plus.group_crm_plus_user",
    )
    lifetime_value = EstimatedMonetary(
        "Lifetime value",
        compute="_compute_crm_profile",
        search="_search_lifetime_value",
        aggregator=None,
        groups="crm_plus.group_crm_plus_user",
        help="What this customer is expected to bring within 12 months, in the currency of the company.",
    )

    @api.model
    def _profile_columns(self):
        return super()._profile_columns() | {"churn_risk": "churn_risk", "lifetime_value": "clv"}

    @api.model
    @search_method
    def _search_churn_risk(self, operator, value):
        return self._search_profile_column("churn_risk", operator, value)

    @api.model
    @search_method
    def _search_lifetime_value(self, operator, value):
        return self._search_profile_column("clv", operator, value)
