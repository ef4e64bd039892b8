from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models

from ..engine.leads.rules import capacity_threshold


class CrmScoreCapacity(models.TransientModel):
    """The cut-off that gives each salesperson so many leads a week."""

    _name = "crm.score.capacity"
    _description = "Cut-off by capacity"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    team_id = fields.Many2one("crm.team", help="Empty: all teams.")
    leads_a_week = fields.Integer("Leads a week for each", default=10, required=True)
    weeks = fields.Integer("Measured on the last weeks", default=4, required=True)
    salespeople = fields.Integer(compute="_compute_salespeople", store=True, readonly=False)
    cutoff = fields.Float(digits=(5, 2), compute="_compute_cutoff")
    leads = fields.Integer("Leads that reached it", compute="_compute_cutoff")
    arrived = fields.Integer("Leads that arrived", compute="_compute_cutoff")

    _weeks_positive = models.Constraint("CHECK (weeks > 0)", "Measured on: choose at least one week.")
    _leads_positive = models.Constraint("CHECK (leads_a_week > 0)", "Leads a week: choose at least one.")

    @api.depends("team_id", "company_id")
    def _compute_salespeople(self):
        for capacity in self:
            teams = capacity.team_id or self.env["crm.team"].search(
                [("company_id", "in", [False, capacity.company_id.id])]
            )
            capacity.salespeople = len(teams.crm_team_member_ids.user_id)

    @api.depends("team_id", "company_id", "leads_a_week", "weeks", "salespeople")
    def _compute_cutoff(self):
        for capacity in self:
            since = fields.Datetime.now() - timedelta(weeks=max(capacity.weeks, 1))
            domain = [
                ("lead_id.create_date", ">=", since),
                ("lead_id.company_id", "in", [False, capacity.company_id.id]),
            ]
            if capacity.team_id:
                domain.append(("lead_id.team_id", "=", capacity.team_id.id))
            # sudo: numbers only, for the capacity of a whole team
            scores = self.env["crm.lead.score"].sudo().search(domain).mapped("lead_score")
            threshold = capacity_threshold(
                [Decimal(f"{score:.2f}") for score in scores],
                salespeople=capacity.salespeople,
                leads_a_week=capacity.leads_a_week,
                weeks=max(capacity.weeks, 1),
            )
            capacity.arrived = len(scores)
            capacity.leads = threshold.leads
            capacity.cutoff = 100 if threshold.cutoff is None else threshold.cutoff

    def action_use_as_hot(self):
        """From now on a lead that reaches the cut-off is hot."""
        self.company_id.crm_plus_hot_score = min(max(self.cutoff, 5.01), 100)
