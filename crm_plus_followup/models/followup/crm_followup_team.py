from odoo import fields, models
from odoo.addons.crm_plus.services.customer.estimate import EstimatedFloat

from ...services.followup import team


class CrmFollowupTeam(models.Model):
    """What one salesperson has to do, and how soon they answer customers. Nothing is stored."""

    _name = "crm.followup.team"
    _inherit = ["crm.followup.report.mixin"]
    _description = "Salesperson's desk"
    _auto = False
    _order = "overdue_count desc, open_count desc, id"
    _rec_name = "user_id"

    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    open_count = fields.Integer("Open activities", readonly=True, help="On customers and leads.")
    today_count = fields.Integer("Due today", readonly=True, help="Activities whose day is today.")
    overdue_count = fields.Integer("Overdue", readonly=True, help="Activities whose day has passed.")
    hot_count = fields.Integer("Untouched hot leads", readonly=True, help="Not contacted since they are hot.")
    unanswered_count = fields.Integer(
        "Unanswered messages", readonly=True, help="Customers whose message nobody has answered yet."
    )
    customer_count = fields.Integer("Overdue customers", readonly=True, help="Their usual time to order has passed.")
    asked_count = fields.Integer(
        "Messages in 30 days", readonly=True, help="Messages of customers of the last 30 days."
    )
    waiting_count = fields.Integer("Waiting for an answer", readonly=True)
    median_hours = EstimatedFloat(
        "Response time, median (hours)", readonly=True, aggregator=None, digits=(10, 1),
        help="Of the last 30 days, in working hours of the company, from a message to the first answer. A message that "
        "still waits counts with the hours so far.",
    )  # fmt: skip
    worst_hours = EstimatedFloat(
        "Response time, longest (hours)",
        readonly=True,
        aggregator="max",
        digits=(10, 1),
        help="Of the last 30 days, in working hours of the company: the message that waited longest.",
    )

    def _company_query(self, company):
        return team.query(self.env, company)

    def action_open_activities(self):
        """The open activities, the most overdue first."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Activities"),
            "res_model": "mail.activity",
            "views": [(False, "list"), (False, "form")],
            "domain": [("user_id", "=", self.user_id.id), ("res_model", "in", list(team.PLANNED_ON))],
            "context": {"create": False},
        }

    def action_open_today(self):
        """What waits for the salesperson today."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_plus_followup.crm_followup_today_action_team")
        return action | {
            "domain": [("user_id", "=", self.user_id.id)],
            "context": {"search_default_group_kind": 1},
        }

    def action_open_messages(self):
        """The messages whose answers count, the longest first."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_plus_followup.crm_followup_response_action")
        return action | {
            "views": [(False, "list"), (False, "pivot")],
            "domain": [("user_id", "=", self.user_id.id)],
            "context": {},
        }
