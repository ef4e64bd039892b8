from odoo import api, fields, models
from odoo.addons.crm_plus.services.customer import amounts
from odoo.addons.crm_plus.services.customer.estimate import CustomerAmount, EstimatedFloat
from odoo.tools import SQL

from ...services.followup.acquisition import MOST_MONTHS, RATIOS, Acquisition


class CrmAcquisition(models.Model):
    """A lead, and what came of it: what winning customers by each source, campaign, country and industry costs and
    brings. Nothing is stored."""

    _name = "crm.acquisition"
    _inherit = ["crm.followup.report.mixin"]
    _description = "Acquisition"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", readonly=True)
    date = fields.Datetime("Came in", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    source_id = fields.Many2one("utm.source", readonly=True)
    medium_id = fields.Many2one("utm.medium", readonly=True)
    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    industry_id = fields.Many2one("res.partner.industry", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales team", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    leads = fields.Integer(readonly=True, help="Leads that came in, each once.")
    closed = fields.Integer("Closed leads", readonly=True, help="Won or lost.")
    won = fields.Integer("Won leads", readonly=True, help="Of the leads that came in, those that are won.")
    won_days = EstimatedFloat(
        "Days of won leads", readonly=True, help="Days from coming in to being won, added up over the won leads."
    )
    months_to_win = fields.Selection(
        selection="_months", string="Won", readonly=True,
        help="How long after it came in a lead was won; by the month it came in, a cohort.",
    )  # fmt: skip
    customers = fields.Integer(
        "New customers", readonly=True,
        help="Customers whose first lead it is, and who first ordered after it came in.",
    )  # fmt: skip
    cost = CustomerAmount(
        readonly=True, help="What was entered for the campaign and its activities, in equal parts for its leads."
    )
    first_year_revenue = CustomerAmount(
        "Revenue of the first year", readonly=True, help="Of new customers, in the 365 days from the first order on."
    )
    first_year_gain = CustomerAmount(
        "Gain of the first year", readonly=True, help="The margin; the revenue where margins are not recorded."
    )
    lifetime_value = CustomerAmount(
        "Lifetime value", readonly=True, help="Of new customers: revenue so far, and what is expected of them."
    )
    won_share = EstimatedFloat(
        "Won (%)", readonly=True, aggregator="sum", digits=(5, 1), help="Won leads / closed leads."
    )
    days_to_win = EstimatedFloat(
        "Days to win", readonly=True, aggregator="sum", digits=(10, 1), help="Days of won leads / won leads."
    )
    cost_per_lead = CustomerAmount("Cost of a lead", readonly=True, aggregator="sum", help="Cost / leads.")
    cost_per_customer = CustomerAmount(
        "Cost of a new customer", readonly=True, aggregator="sum", help="Cost / new customers."
    )
    payback_months = EstimatedFloat(
        "Payback (months)", readonly=True, aggregator="sum", digits=(10, 1),
        groups=f"{amounts.MANAGER},{amounts.AMOUNTS}",
        help="Cost / (gain of the first year / 12): after so many months the cost has come back.",
    )  # fmt: skip

    @api.model
    def _months(self):
        """Whole months until a lead is won, in the order in which a pivot shows them."""
        labels = [
            self.env._("Within a month"),
            self.env._("After 1 month"),
            *(self.env._("After %s months", month) for month in range(2, MOST_MONTHS)),
            self.env._("After %s months or more", MOST_MONTHS),
        ]
        return [(f"{month:02}", label) for month, label in enumerate(labels)]

    def _company_query(self, company):
        return Acquisition(self.env, company).query()

    def _read_group_select(self, aggregate_spec, query):
        """A ratio of a group is that of its sums."""
        name, _, how = aggregate_spec.partition(":")
        if name not in RATIOS or how != "sum":
            return super()._read_group_select(aggregate_spec, query)
        self._check_field_access(self._fields[name], "read")
        factor, above, below = RATIOS[name]
        above, below = (self._field_to_sql(self._table, column, query) for column in (above, below))
        if name == "payback_months":  # what cost nothing has nothing to pay back, and a loss pays back nothing
            return SQL(
                "%s * NULLIF(sum(%s), 0)::float8 / CASE WHEN sum(%s) > 0 THEN sum(%s)::float8 END",
                factor, above, below, below,
            )  # fmt: skip
        return SQL("%s * sum(%s)::float8 / NULLIF(sum(%s), 0)::float8", factor, above, below)
