from datetime import timedelta

from odoo import fields, models
from odoo.addons.crm_plus.services.customer.estimate import EstimatedFloat
from odoo.addons.crm_plus.services.interaction.response import Response, median
from odoo.tools import SQL

# Days of messages that are reported.
REPORTED_DAYS = 365


class CrmFollowupResponse(models.Model):
    """One message of a customer and how soon it was answered. Nothing is stored."""

    _name = "crm.followup.response"
    _inherit = ["crm.followup.report.mixin"]
    _description = "Response time"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    date = fields.Datetime("Message", readonly=True)
    answer_date = fields.Datetime("Answer", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    lead_id = fields.Many2one("crm.lead", readonly=True)
    channel_id = fields.Many2one("crm.interaction.channel", readonly=True)
    user_id = fields.Many2one(
        "res.users", "Salesperson", readonly=True, help="Who answered; whose customer it is while nobody has."
    )
    company_id = fields.Many2one("res.company", readonly=True)
    state = fields.Selection(
        [("answered", "Answered"), ("waiting", "Waiting"), ("none", "No answer needed")],
        readonly=True,
        help="What nobody has answered in 30 days needed no answer, and has no response time.",
    )
    hours = EstimatedFloat(
        "Working hours", readonly=True, aggregator=None, digits=(10, 1),
        help="Of the company's calendar, from the message to the first answer; of one that waits, until now.",
    )  # fmt: skip
    median_hours = EstimatedFloat(
        "Median (hours)",
        readonly=True,
        aggregator="avg",
        digits=(10, 1),
        help="Half of the messages were answered within so many working hours. One that waits counts with"
        " the hours so far.",
    )
    worst_hours = EstimatedFloat(
        "Longest (hours)",
        readonly=True,
        aggregator="max",
        digits=(10, 1),
        help="The message that waited longest, in working hours.",
    )

    def _company_query(self, company):
        since = fields.Datetime.now() - timedelta(days=REPORTED_DAYS)
        return SQL(
            "SELECT *, hours AS median_hours, hours AS worst_hours FROM (%s) messages",
            Response(self.env, company, since).query(),
        )

    def _read_group_select(self, aggregate_spec, query):
        """The median of a group."""
        if aggregate_spec != "median_hours:avg":
            return super()._read_group_select(aggregate_spec, query)
        return median(self._field_to_sql(self._table, "median_hours", query))
