from odoo import api, fields, models


class CrmCustomerProfile(models.Model):
    """What one company knows of one customer, a commercial partner. Written by scheduled actions only, set-based; never
    by a user's transaction, so that nobody who saves a partner or confirms an order waits for it."""

    _name = "crm.customer.profile"
    _inherit = ["crm.job.mixin", "crm.customer.list.mixin"]
    _description = "Customer profile"
    _order = "revenue desc, id desc"
    _rec_name = "partner_id"
    _log_access = False

    partner_id = fields.Many2one("res.partner", "Customer", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    country_id = fields.Many2one(related="partner_id.country_id")
    industry_id = fields.Many2one(related="partner_id.industry_id")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")

    first_order_date = fields.Datetime("First order", readonly=True)
    last_order_date = fields.Datetime("Last order", readonly=True)
    order_count = fields.Integer("Orders", readonly=True, help="Orders worth more than nothing.")
    revenue = fields.Monetary(
        readonly=True, help="All orders or invoices, untaxed, net of credit notes, in the currency of the company."
    )
    average_order = fields.Monetary("Average order", readonly=True, aggregator="avg")
    recency_score = fields.Integer(
        "R", readonly=True, aggregator="avg", help="5: bought most recently, 1: longest ago."
    )
    frequency_score = fields.Integer("F", readonly=True, aggregator="avg", help="5: most orders, 1: fewest.")
    monetary_score = fields.Integer("M", readonly=True, aggregator="avg", help="5: most revenue, 1: least.")
    rfm = fields.Char("RFM", readonly=True, help="The three scores side by side, such as 543.")
    abc_class = fields.Selection(
        [("A", "A"), ("B", "B"), ("C", "C")],
        "ABC",
        readonly=True,
        help="A: the customers who bring the first 80 % of the revenue, B: the next 15 %, C: the rest.",
    )
    days_since_order = fields.Integer("Days since the last order", compute="_compute_days_since_order", aggregator=None)

    # The customer first: of use to whoever deletes a partner as well, so that there need not be another index.
    _customer_unique = models.Constraint("UNIQUE (partner_id, company_id)", "A customer has one profile per company.")
    _revenue_index = models.Index("(company_id, revenue, id)")

    def init(self):
        """Lists and groups read indexes alone where vacuum has kept track of the rows; by default it would wait until a
        fifth of them have changed, and a few percent are on most pages."""
        self.env.cr.execute("ALTER TABLE crm_customer_profile SET (autovacuum_vacuum_scale_factor = 0.005)")

    @api.depends("last_order_date")
    def _compute_days_since_order(self):
        for company, profiles in self.grouped("company_id").items():
            today = company._crm_plus_today()
            for profile in profiles:
                last = profile.last_order_date
                profile.days_since_order = max((today - company._crm_plus_day(last)).days, 0) if last else False
