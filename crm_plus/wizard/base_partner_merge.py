from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        self._merge_interactions(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env["crm.lead.score"]._note_customers(dst_partner.ids)
        return result

    def _merge_interactions(self, src_partners, dst_partner):
        """Move every interaction; one event both partners took part in becomes one.

        Before the host's own merge, which would stop at the duplicates.
        """
        self.env.cr.flush()
        partners = [dst_partner.id, *src_partners.ids]
        self.env.cr.execute(
            SQL(
                """DELETE FROM crm_interaction i USING crm_interaction twin
                    WHERE i.partner_id = ANY(%(src)s) AND twin.partner_id = ANY(%(all)s) AND i.res_id IS NOT NULL
                      AND twin.source_id = i.source_id AND twin.res_id = i.res_id AND twin.occurrence = i.occurrence
                      AND (twin.partner_id = %(dst)s OR twin.id < i.id)""",
                src=src_partners.ids,
                all=partners,
                dst=dst_partner.id,
            )
        )
        self.env.cr.execute(
            SQL(
                "UPDATE crm_interaction SET partner_id = %s WHERE partner_id = ANY(%s)",
                dst_partner.id,
                src_partners.ids,
            )
        )
        self.env["crm.interaction"].invalidate_model(flush=False)
