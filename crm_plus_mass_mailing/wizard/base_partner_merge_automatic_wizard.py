from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge_crm_holdout(self, source, target):
        """So are they in the mailings that were to go to both."""
        result = super()._merge_crm_holdout(source, target)
        self.env.cr.execute(
            SQL(
                """DELETE FROM crm_mailing_holdout h WHERE h.partner_id = %(source)s AND EXISTS (
                      SELECT FROM crm_mailing_holdout twin
                       WHERE twin.partner_id = %(target)s AND twin.mailing_id = h.mailing_id);
                   UPDATE crm_mailing_holdout SET partner_id = %(target)s WHERE partner_id = %(source)s""",
                source=source.id,
                target=target.id,
            )
        )
        return result
