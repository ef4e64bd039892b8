from odoo import api, fields, models


class CrmCustomerProfile(models.Model):
    """The segment of a customer, kept fresh with the profile."""

    _inherit = "crm.customer.profile"

    segment_id = fields.Many2one("crm.segment", readonly=True, ondelete="set null")
    segment_since = fields.Date("In the segment since", readonly=True)
    segment_score = fields.Integer(
        "Scores held", readonly=True, aggregator=None,
        help="The RFM scores the segment rests on: one changes only when its value has clearly passed a limit.",
    )  # fmt: skip
    membership_ids = fields.One2many("crm.segment.membership", "profile_id", "Stays in segments")

    # With what the customers of a segment are ordered and added up by, and who they are.
    _segment_index = models.Index("(company_id, segment_id, revenue, id) INCLUDE (partner_id)")

    @api.model
    def _refresh_segments(self, company, partner_ids):
        self.env["crm.segment.family"]._families_for(company)._assign(company, self._scope(partner_ids))
        self.env["crm.segment.membership"]._follow_customers(
            company, self.env["crm.segment"].search([("leave_action_ids", "!=", False)]).ids
        )
