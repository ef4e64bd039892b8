from odoo import api, models
from odoo.tools import SQL


class CrmCampaignReturn(models.Model):
    """Members of lists who got an SMS are the customers with their number."""

    _inherit = "crm.campaign.return"

    @api.model
    def _customer_of_address(self):
        return SQL(
            """COALESCE(%s, (SELECT min(p.id) FROM res_partner p
                             WHERE t.trace_type = 'sms' AND p.phone_sanitized = t.sms_number AND p.active))""",
            super()._customer_of_address(),
        )
