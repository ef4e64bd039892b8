from odoo import api, fields, models
from odoo.fields import Domain

from ...services.customer.estimate import EstimatedFloat, EstimatedMonetary
from ...services.search import search_method

# Percent from which a risk has its name.
RISK_LEVELS = ((80, "lost"), (50, "high"), (20, "medium"), (0, "low"))


class CrmCustomerProfile(models.Model):
    """What is likely to come. Dates and probabilities are stored, whatever depends on today is computed when read."""

    _inherit = "crm.customer.profile"

    interval_days = EstimatedFloat(
        "Usual interval (days)",
        readonly=True,
        aggregator="avg",
        digits=(10, 2),
        help="Median time between two order days, drawn towards that of all customers while there are few orders.",
    )
    next_order_date = fields.Date(
        "Next order expected", readonly=True, help="The last order plus the customer's usual interval."
    )
    is_overdue = fields.Boolean("Overdue", compute="_compute_overdue", search="_search_is_overdue")
    overdue_days = fields.Integer("Days overdue", compute="_compute_overdue", aggregator=None)
    overdue_ratio = EstimatedFloat(
        "Intervals since the last order",
        compute="_compute_overdue",
        digits=(10, 2),
        aggregator=None,
        help="1: the next order is due today; 2: one order has been missed.",
    )
    p_alive = EstimatedFloat("Probability of still being a customer", readonly=True, digits=(6, 4), aggregator="avg")
    churn_risk = EstimatedFloat(
        "Churn risk (%)",
        readonly=True,
        digits=(5, 1),
        aggregator="avg",
        help="Probability, from all customers and this one's own rhythm, that no order will come any more.",
    )
    churn_level = fields.Selection(
        [("low", "Low"), ("medium", "Medium"), ("high", "High"), ("lost", "Probably lost")],
        "Churn risk",
        compute="_compute_churn_level",
        search="_search_churn_level",
    )
    expected_orders = EstimatedFloat("Orders expected in 12 months", readonly=True, digits=(10, 2), aggregator="sum")
    clv = EstimatedMonetary(
        "Lifetime value",
        readonly=True,
        help="Expected orders of the next 12 months times their expected value, discounted by 1 % a month. "
        "What the customer has brought so far is not in it.",
    )
    cluster_id = fields.Many2one("crm.customer.cluster", readonly=True, ondelete="set null")
    prediction_date = fields.Date(related="company_id.crm_plus_trained_date", string="Predictions as of")
    prediction_note = fields.Char("Why there is no prediction", compute="_compute_prediction_note")

    @api.depends("next_order_date", "interval_days", "last_order_date")
    def _compute_overdue(self):
        for profile in self:
            due, interval = profile.next_order_date, profile.interval_days
            days = (profile.company_id._crm_plus_today() - due).days if due else 0
            profile.is_overdue = days > 0
            profile.overdue_days = max(days, 0)
            profile.overdue_ratio = (days + round(interval)) / interval if due and interval else False

    @api.model
    @search_method
    def _search_is_overdue(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        overdue = Domain("next_order_date", "<", self.env.company._crm_plus_today())
        return overdue if True in value else ~overdue

    @api.depends("churn_risk", "p_alive")
    def _compute_churn_level(self):
        for profile in self:
            level = next(name for least, name in RISK_LEVELS if profile.churn_risk >= least)
            profile.churn_level = level if profile._is_predicted() else False

    @api.model
    @search_method
    def _search_churn_level(self, operator, value):
        if operator != "in":
            return NotImplemented
        bounds = {name: least for least, name in RISK_LEVELS}
        above = {name: bounds[higher] for higher, name in zip(bounds, list(bounds)[1:], strict=False)}
        found = [
            Domain("churn_risk", ">=", bounds[name])
            & (Domain("churn_risk", "<", above[name]) if name in above else Domain.TRUE)
            for name in value
            if name in bounds
        ]
        if False in value:
            found.append(Domain("p_alive", "=", False))
        return Domain.OR(found)

    @api.depends("p_alive", "churn_risk", "clv")
    def _compute_prediction_note(self):
        Model = self.env["crm.purchase.model"]
        for company, profiles in self.grouped("company_id").items():
            purchases, values = Model._abstention(company, "purchases"), Model._abstention(company, "values")
            for profile in profiles:
                predicted = profile._is_predicted()
                profile.prediction_note = (not predicted and purchases) or (profile.clv is False and values) or False

    def _is_predicted(self):
        self.ensure_one()
        return self.p_alive is not False
