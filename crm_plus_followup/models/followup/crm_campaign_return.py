from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.crm_plus.services.customer import amounts
from odoo.addons.crm_plus.services.customer.estimate import CustomerAmount
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ...services.followup.campaign_return import WHOM, CampaignReturn, cost_queries, holdout_queries, touch_queries

# The key of the context by which a filter chooses another window.
WINDOW = "crm_campaign_days"
MOST_DAYS = 3650
# The key of the context that has the ids of the rows to be read, if there are no more than so many.
ROWS, MOST_READ = "crm_campaign_rows", 2000


class CrmCampaignReturn(models.Model):
    """One customer whom a campaign, a mailing or a follow-up rule reached, and what came of it. Nothing is stored: it
    is read from what there is, within the window that is chosen."""

    _name = "crm.campaign.return"
    _inherit = ["crm.followup.report.mixin"]
    _description = "Campaign return"
    _auto = False
    _order = "date desc, id"
    _rec_name = "partner_id"

    kind = fields.Selection(
        [("campaign", "Campaign"), ("mailing", "Mailing"), ("rule", "Follow-up rule")], "Reached by", readonly=True
    )
    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    rule_id = fields.Many2one("crm.followup.rule", "Follow-up rule", readonly=True, groups=amounts.MANAGER)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    lead_id = fields.Many2one("crm.lead", readonly=True, groups=amounts.USER, help="Of whom there is no customer yet.")
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    segment_id = fields.Many2one("crm.segment", readonly=True, help="The segment of today.")
    date = fields.Datetime("First reached", readonly=True)
    last_date = fields.Datetime("Last reached", readonly=True)
    reached = fields.Integer(readonly=True, help="Customers, each once, however often and by however many contacts.")
    delivered = fields.Integer(readonly=True, help="Customers whom a message reached without bouncing.")
    opened = fields.Integer(readonly=True, help="Customers who opened a message of it, as far as mail programs tell.")
    replied = fields.Integer(readonly=True, help="Wrote or called within the window after they were reached.")
    leads = fields.Integer(readonly=True, help="Leads that were touched, or came in within the window.")
    won = fields.Integer("Won leads", readonly=True, help="Of these leads, those that are won.")
    orders = fields.Integer("Orders after it", readonly=True, help="Within the window. Each campaign counts them.")
    revenue = CustomerAmount(
        "Revenue after it", readonly=True,
        help="Within the window, before tax, net of what was given back. Each campaign that reached the customer "
        "counts it, so campaigns do not add up.",
    )  # fmt: skip
    margin = CustomerAmount(
        "Margin after it", readonly=True, help="As the revenue. Empty: margins are not recorded in Sales."
    )
    first_orders = fields.Integer("Orders by first touch", readonly=True)
    first_revenue = CustomerAmount(
        "Revenue by first touch", readonly=True,
        help="Revenue counts for the one that reached the customer first within the window before the order.",
    )  # fmt: skip
    last_orders = fields.Integer("Orders by last touch", readonly=True)
    last_revenue = CustomerAmount(
        "Revenue by last touch", readonly=True,
        help="Revenue counts for the one that reached the customer last before the order, within the window.",
    )  # fmt: skip
    last_margin = CustomerAmount(
        "Margin by last touch", readonly=True, help="As the revenue. Empty: margins are not recorded in Sales."
    )
    uplift_revenue = CustomerAmount(
        "Revenue by hold-out", readonly=True,
        help="What those reached brought more than those held out, per customer, times the customers reached; of a "
        "campaign, by its mailings. Empty: nobody is held out, or too few ordered to say.",
    )  # fmt: skip
    cost = CustomerAmount(
        readonly=True,
        help="What was entered, and the hours of activities that have been done at the rate of the contact limits, in "
        "equal parts for all customers reached.",
    )
    return_on_cost = fields.Float(
        "Return on cost (%)", readonly=True, aggregator="sum", groups=f"{amounts.MANAGER},{amounts.AMOUNTS}",
        help="(Margin by last touch - cost) / cost; revenue instead of the margin where margins are not recorded.",
    )  # fmt: skip

    def _company_query(self, company):
        return CampaignReturn(self, company, self._chosen_days(), self._whom_read()).query()

    def _whom_read(self):
        """Whom the rows that are read are about; None for all rows. Whoever reads may have put anything there."""
        ids = self.env.context.get(ROWS)
        is_given = isinstance(ids, (list, tuple)) and all(isinstance(row_id, int) for row_id in ids)
        return {row_id % WHOM for row_id in ids} if is_given else None

    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        """A page is found first, by what is known without orders, and then read for who is on it."""
        if not limit:
            return super().search_fetch(domain, field_names, offset, limit, order)
        rows = super().search_fetch(domain, [], offset, limit, order)
        if field_names is None or field_names:
            rows.fetch(field_names)
        return rows

    def fetch(self, field_names=None):
        """A few rows are computed from the touches of their customers alone; with their company, which their rules ask
        for."""
        if field_names is not None:
            field_names = {*field_names, "company_id"}
        rows = self.with_context(**{ROWS: self.ids}) if 0 < len(self) <= MOST_READ else self
        return super(CrmCampaignReturn, rows).fetch(field_names)

    @api.model
    def _chosen_days(self):
        """The window that the reader has chosen, if any."""
        days = self.env.context.get(WINDOW)
        return min(days, MOST_DAYS) if isinstance(days, int) and days > 0 else None

    @api.model
    def _touch_queries(self, company):
        """SELECTs of how customers were reached, a row a touch: (kind, source_id, partner_id, lead_id, date, delivered,
        opened, replied). Intended to be extended."""
        return touch_queries(company)

    @api.model
    def _cost_queries(self, company, hour_cost, activity_hours):
        """SELECTs of (kind, source_id, amount). Intended to be extended with `_touch_queries`."""
        return cost_queries(company, hour_cost, activity_hours)

    @api.model
    def _holdout_queries(self, company):
        """SELECTs of who was reached or held out by what holds a share out, a row each: (kind, source_id, campaign_id,
        held_out, date_assigned, customer, days). Intended to be extended with `_touch_queries`."""
        return holdout_queries(company)

    def _field_to_sql(self, alias, field_expr, query=None):
        """What hold-outs say is looked up when it is asked for, once for all rows."""
        if field_expr != "uplift_revenue":
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        readable = amounts.readable_sql(self.env, alias)
        share = self._uplift_sql(alias)
        return SQL("CASE WHEN %s THEN %s END", readable, share) if readable else share

    def _uplift_sql(self, alias):
        """SQL: the part of what a source changed that falls to one of the customers it reached."""
        rows = self.sudo()  # sudo: figures of whole rules and mailings; who may read the field has been asked
        known = [
            SQL("(%s, %s, %s::float8)", place, company.id, amount)
            for company in self.env.companies.sudo()
            for place, amount in CampaignReturn(rows, company).uplifts().items()
        ]
        if not known:
            return SQL("NULL::float8")
        return SQL(
            """(SELECT known.amount / %(shared)s FROM (VALUES %(known)s) AS known (place, company_id, amount)
                 WHERE known.place = %(place)s AND known.company_id = %(company)s AND %(date)s IS NOT NULL)""",
            known=SQL(", ").join(known),
            shared=SQL.identifier(alias, "shared"),
            place=SQL.identifier(alias, "place"),
            company=SQL.identifier(alias, "company_id"),
            date=SQL.identifier(alias, "date"),
        )

    def _read_group_select(self, aggregate_spec, query):
        """The return of a group is that of its sums."""
        if aggregate_spec != "return_on_cost:sum":
            return super()._read_group_select(aggregate_spec, query)
        self._check_field_access(self._fields["return_on_cost"], "read")
        names = ("last_margin", "last_revenue", "cost")
        margin, revenue, cost = (self._field_to_sql(self._table, name, query) for name in names)
        return SQL(
            "100 * (sum(COALESCE(%(margin)s, %(revenue)s)) - sum(%(cost)s)) / NULLIF(sum(%(cost)s), 0)",
            margin=margin,
            revenue=revenue,
            cost=cost,
        )

    # ------------------------------------------------------------------ what a number is made of

    def action_open_orders(self):
        """The orders, or the invoices, that count for this row."""
        self._check_readable()
        company = self.company_id.sudo()  # sudo: what counts as revenue there
        is_invoice = company.crm_plus_revenue_basis == "invoice"
        model, date = ("account.move", "invoice_date") if is_invoice else ("sale.order", "date_order")
        kinds = (
            Domain("move_type", "in", ["out_invoice", "out_refund"]) & Domain("state", "=", "posted")
            if is_invoice
            else Domain("state", "=", "sale")
        )
        customer = Domain("partner_id", "child_of", self.partner_id.ids) if self.partner_id else Domain.FALSE
        mine = customer & Domain("company_id", "=", company.id)
        after = Domain.OR(Domain(date, ">=", start) & Domain(date, "<=", end) for start, end in self._windows())
        return self._window_of(self.env._("Orders"), model, kinds & mine & after)

    def action_open_leads(self):
        """The leads that count for this row."""
        self._check_readable()
        # sudo: which leads count; whoever asks sees those of them that they may read
        report = CampaignReturn(self.sudo(), self.company_id.sudo(), self._chosen_days())
        found = report.leads_of(self.kind, self[f"{self.kind}_id"].id, self.id % WHOM)
        return self._window_of(self.env._("Leads"), "crm.lead", Domain("id", "in", found)) | {
            "context": {"active_test": False, "create": False}
        }

    def _check_readable(self):
        self.ensure_one()
        self.check_access("read")
        if not self.search_count([("id", "=", self.id)]):
            raise AccessError(self.env._("Nobody has been reached there any more."))

    def _windows(self):
        """The spans of time after each touch that count for this row."""
        if not self.partner_id:
            return []
        # sudo: the touches of a row that whoever asks may read
        report = CampaignReturn(self.sudo(), self.company_id.sudo(), self._chosen_days())
        source = self[f"{self.kind}_id"].id
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT date FROM (%s) touch WHERE kind = %s AND source_id = %s AND customer = %s",
                report.touches(),
                self.kind,
                source,
                self.partner_id.id,
            )
        )
        return [(date, date + timedelta(days=report.days)) for (date,) in rows]

    def _window_of(self, name, model, domain):
        self.env[model].check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "list"), (False, "form")],
            "domain": list(domain),
            "context": {"create": False},
        }
