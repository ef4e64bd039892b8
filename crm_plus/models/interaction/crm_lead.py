from odoo import api, fields, models
from odoo.tools import SQL


class CrmLead(models.Model):
    _inherit = "crm.lead"

    interaction_ids = fields.One2many(
        "crm.interaction", "lead_id", "Interactions", groups="crm_plus.group_crm_plus_user"
    )
    interaction_count = fields.Integer(
        "Interactions (count)", compute="_compute_interaction_count", groups="crm_plus.group_crm_plus_user"
    )

    @api.depends("interaction_ids")
    def _compute_interaction_count(self):
        # sudo: a number only, on a lead the user may read.
        counts = dict(
            self.env["crm.interaction"].sudo()._read_group([("lead_id", "in", self.ids)], ["lead_id"], ["__count"])
        )
        for lead in self:
            lead.interaction_count = counts.get(lead._origin, 0)

    def unlink(self):
        """What was logged or sent in about a lead alone, without a customer, goes with it."""
        if self:
            # sudo: it belongs to nothing else any more, whoever logged it
            entries = self.env["crm.interaction"].sudo()
            entries.search([("lead_id", "in", self.ids), ("partner_id", "=", False), ("res_id", "=", False)]).unlink()
        return super().unlink()

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        self._merge_interactions(opportunities)
        return result

    def _merge_interactions(self, opportunities):
        """Every interaction of the merged leads stays, on the lead that remains.

        The merged leads are deleted next; what came from their own records (created, won, lost) is detached from them,
        so that neither the deletion nor a reconciliation takes it away.
        """
        self.env.cr.flush()
        self.env.execute_query(
            SQL(
                """UPDATE crm_interaction i
                      SET external_ref = 'merged:' || s.model_name || ':' || i.res_id || ':' || i.occurrence,
                          res_id = NULL
                     FROM crm_interaction_source s
                    WHERE s.id = i.source_id AND s.model_name = 'crm.lead' AND i.res_id = ANY(%s)
                RETURNING i.id""",
                opportunities.ids,
            )
        )
        self.env.execute_query(
            SQL(
                """UPDATE crm_interaction SET lead_id = %s, document_user_id = %s,
                          partner_id = COALESCE(partner_id, %s)
                    WHERE lead_id = ANY(%s) RETURNING id""",
                self.id,
                self.user_id.id or None,
                self.partner_id.id or None,
                opportunities.ids,
            )
        )
        self.env["crm.interaction"].invalidate_model(flush=False)
