from odoo import api, fields, models

from ...services.interaction import merged_leads


class CrmLead(models.Model):
    _inherit = "crm.lead"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

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

    def _merge_dependences(self, opportunities):
        """What is ours of the merged leads stays, on the lead that remains."""
        result = super()._merge_dependences(opportunities)
        merged_leads.note(self.env.cr, self.id, opportunities.ids)
        return result

    def unlink(self):
        """What is ours of merged leads has gone to those that remain; of others, what was logged or sent in about the
        lead alone, without a customer, goes with it."""
        gone = self.browse(merged_leads.before_deletion(self.env.cr, self._ids))
        if gone:
            # sudo: it belongs to nothing else any more, whoever logged it
            entries = self.env["crm.interaction"].sudo()
            entries.search([("lead_id", "in", gone.ids), ("partner_id", "=", False), ("res_id", "=", False)]).unlink()
        return super().unlink()
