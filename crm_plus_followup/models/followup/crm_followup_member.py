from odoo import fields, models


class CrmFollowupMember(models.Model):
    """One customer or lead that a rule has seen: whether they are in its audience now, and whether they are held out.
    Written set-based by scheduled actions; who is held out stays so."""

    _name = "crm.followup.member"
    _description = "Member of a follow-up rule"
    _rec_name = "partner_id"
    _order = "id"
    _log_access = False

    rule_id = fields.Many2one("crm.followup.rule", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, index=True, ondelete="cascade")
    lead_id = fields.Many2one("crm.lead", readonly=True, index="btree_not_null", ondelete="cascade")
    present = fields.Boolean("In the audience", readonly=True)
    date_since = fields.Datetime("Since", readonly=True)
    held_out = fields.Boolean("Held out", readonly=True, help="Not contacted, for comparison.")
    date_assigned = fields.Datetime("Reached or held out", readonly=True)
    segment_id = fields.Many2one("crm.segment", readonly=True, ondelete="set null")

    _customer_unique = models.UniqueIndex("(rule_id, partner_id) WHERE lead_id IS NULL")
    _lead_unique = models.UniqueIndex("(rule_id, lead_id) WHERE lead_id IS NOT NULL")
