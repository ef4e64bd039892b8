from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge_crm_holdout(self, source, target):
        result = super()._merge_crm_holdout(source, target)
        self.env["crm.mailing.holdout"]._merge(source, target)
        return result
