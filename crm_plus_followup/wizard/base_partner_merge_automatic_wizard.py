from odoo import models
from odoo.tools import SQL

# What there is one of for each rule and customer, and on what condition.
TABLES = {"crm_followup_member": SQL("TRUE"), "crm_followup_run": SQL("t.state = 'open'")}


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Before the host's own merge, which would fail at a customer who is twice in a rule."""
        self.env.flush_all()
        for partner in src_partners:
            self._merge_crm_holdout(partner, dst_partner)
            for table, condition in TABLES.items():
                self.env.cr.execute(
                    SQL(
                        """DELETE FROM %(table)s t WHERE t.partner_id = %(src)s AND t.lead_id IS NULL AND %(condition)s
                              AND EXISTS (SELECT FROM %(table)s twin WHERE twin.partner_id = %(dst)s
                                             AND twin.lead_id IS NULL AND twin.rule_id = t.rule_id AND %(twin)s)""",
                        table=SQL.identifier(table),
                        condition=condition,
                        twin=SQL("twin.state = 'open'") if table == "crm_followup_run" else SQL("TRUE"),
                        src=partner.id,
                        dst=dst_partner.id,
                    )
                )
                self.env.cr.execute(
                    SQL(
                        "UPDATE %s SET partner_id = %s WHERE partner_id = %s",
                        SQL.identifier(table),
                        dst_partner.id,
                        partner.id,
                    )
                )
        self.env.invalidate_all(flush=False)
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _merge_crm_holdout(self, source, target):
        """Of all that customers are held out from; intended to be extended."""
        self.env["crm.followup.holdout"]._merge(source, target)
