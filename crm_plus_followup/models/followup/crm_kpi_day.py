from odoo import api, models
from odoo.addons.crm_plus.services.kpi.report import Report
from odoo.fields import Domain


class CrmKpiDay(models.Model):
    _inherit = "crm.kpi.day"

    @api.model
    def _overview_reports(self):
        of_campaigns = Report(
            label=self.env._("Campaign return"),
            model="crm.campaign.return",
            group="campaign_id",
            date="date",
            measures=("reached", "replied", "leads", "orders", "last_revenue", "cost", "return_on_cost"),
            narrowed={
                "segment_id": "segment_id",
                "tier_id": "partner_id.crm_tier_id",
                "team_id": "partner_id.user_id.sale_team_id",
                "user_id": "partner_id.user_id",
                "country_id": "partner_id.country_id",
                "industry_id": "partner_id.industry_id",
                "tag_id": "partner_id.category_id",
            },
            domain=Domain("kind", "=", "campaign"),
        )
        return super()._overview_reports() | {"campaigns": of_campaigns}
