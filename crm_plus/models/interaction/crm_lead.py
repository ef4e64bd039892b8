from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...services.interaction import counts, merged_leads


class CrmLead(models.Model):
    _inherit = "crm.lead"  # pylint: disable=consider-merging-classes-inherited  # one file a subject

    interaction_ids = fields.One2many(
        "crm.interaction", "lead_id", "Interactions", groups="crm_plus.group_crm_plus_user"
    )
    interaction_count = fields.Integer(
        "Interactions (count)", compute="_compute_interaction_count", groups="crm_plus.group_crm_plus_user"
    )

    interaction_count_text = fields.Char(
        "Interactions (count in words)",
        compute="_compute_interaction_count_text",
        groups="crm_plus.group_crm_plus_user",
        help="Those you may see, and all of them.",
    )

    @api.depends("interaction_ids")
    @api.depends_context("allowed_company_ids")
    def _compute_interaction_count(self):
        interactions = self.env["crm.interaction"]
        # sudo: a number only, on a lead the user may read, in the user's companies.
        query = interactions.sudo()._search(Domain("lead_id", "in", self.ids) & counts.within_companies(self.env))
        query.groupby = SQL.identifier(query.table, "lead_id")
        rows = query.select(SQL.identifier(query.table, "lead_id"), counts.events(SQL.identifier(query.table)))
        found = dict(self.env.execute_query(rows))
        for lead in self:
            lead.interaction_count = found.get(lead._origin.id, 0)

    @api.depends("interaction_count")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_interaction_count_text(self):
        interactions = self.env["crm.interaction"]
        for lead in self:
            visible = counts.seen(interactions, interactions._of(lead._origin)) if lead._origin else 0
            lead.interaction_count_text = counts.text(self.env, visible, lead.interaction_count)

    def action_open_interactions(self):
        """The interactions of this lead as a list, each once."""
        return self.env["crm.interaction"]._open_list("crm_interaction_action_lead", self)

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
