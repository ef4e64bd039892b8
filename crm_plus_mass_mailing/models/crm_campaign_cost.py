from odoo import api, fields, models


class CrmCampaignCost(models.Model):
    _inherit = "crm.campaign.cost"

    mailing_id = fields.Many2one("mailing.mailing", index="btree_not_null", ondelete="cascade")

    @api.model
    def _sources(self):
        return (*super()._sources(), "mailing_id")

    @api.constrains("mailing_id")
    def _check_mailing(self):
        self._check_source()
