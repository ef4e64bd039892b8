import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.checks import choice, identifier
from ...engine.checks import day as checked_day
from ...engine.days import shifted
from ...engine.kpi.board_request import narrowing
from ...services.arguments import argument
from ...services.customer import amounts, documents, glance, glance_details, outlook, returns
from ...services.customer.estimate import CustomerAmount, EstimatedFloat
from ...services.customer.limits import GROWN
from ...services.customer.map import BEST, CLASSES, CustomerMap
from ...services.customer.refresh import Refresh
from ...services.customer.scope import Scope
from ...services.kpi.kept import Kept
from ...services.loyalty.near_moves import NearMoves
from ...services.loyalty.places import PART
from ...services.loyalty.replay import replay_next
from ...services.loyalty.rfm_moves import SILENT_SCORE, is_silent_by
from ...services.search import ORDERS, compared, search_method
from ...services.sql import DISTURBED, columns

_logger = logging.getLogger(__name__)

# Percent from which a risk has its name.
RISK_LEVELS = ((80, "lost"), (50, "high"), (20, "medium"), (0, "low"))
# More days than any calendar has since an order.
LONGEST = 700_000
# Customers per step of the incremental refresh.
TOUCHED_STEP = 5_000
# When a company is tried again whose profiles another job is writing.
BUSY = timedelta(minutes=10)


class CrmCustomerProfile(models.Model):
    """What one company knows of one customer, a commercial partner. Written by scheduled actions only, set-based; never
    by a user's transaction, so that nobody who saves a partner or confirms an order waits for it."""

    _name = "crm.customer.profile"
    _inherit = ["crm.job.mixin", "crm.customer.list.mixin", "crm.filled.mixin"]
    _filled_by = "ir_cron_refresh_profiles"
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
    order_count = fields.Integer("Orders", readonly=True, help="Orders with a positive amount.")
    revenue = CustomerAmount(
        readonly=True,
        help="All orders or invoices, before tax and net of credit notes, in the company's currency.",
    )
    margin = CustomerAmount(
        readonly=True, help="Margin of all orders, net of credit notes. Empty: margins are not recorded in Sales."
    )
    average_order = CustomerAmount(
        "Average order",
        readonly=True,
        aggregator="avg",
        help="Revenue divided by the number of orders. Each order and credit note changes it.",
    )
    recency_score = fields.Integer("R", readonly=True, aggregator="avg", help="5: most recent order, 1: oldest.")
    frequency_score = fields.Integer("F", readonly=True, aggregator="avg", help="5: most orders, 1: fewest.")
    monetary_score = fields.Integer("M", readonly=True, aggregator="avg", help="5: most revenue, 1: least.")
    rfm = fields.Char("RFM", readonly=True, help="The three scores combined, for example 543.")
    abc_class = fields.Selection(
        [("A", "A"), ("B", "B"), ("C", "C")],
        "ABC",
        readonly=True,
        help="A: the customers who account for the first 80% of revenue. B: the next 15%. C: the rest.",
    )
    days_since_order = fields.Integer(
        "Days since the last order",
        compute="_compute_days_since_order",
        search="_search_days_since_order",
        aggregator=None,
    )

    # What is likely to come. Dates and probabilities are stored, whatever depends on today is computed when read.
    interval_days = EstimatedFloat(
        "Usual interval (days)",
        readonly=True,
        aggregator="avg",
        digits=(10, 2),
        help="Median time between two order dates. With few orders it is adjusted toward the median of all customers.",
    )
    next_order_date = fields.Date(
        "Next order expected", readonly=True, help="Last order date plus the customer's usual interval."
    )
    overdue_date = fields.Date(
        "Overdue after",
        readonly=True,
        help="Nine in ten customers with such intervals would have ordered by then. Pauses of about a year that the"
        " customer has come back from are taken for a season.",
    )
    is_due = fields.Boolean(
        "Order due",
        compute="_compute_overdue",
        search="_search_is_due",
        help="The expected day has passed, and the order is not overdue yet.",
    )
    is_overdue = fields.Boolean("Overdue", compute="_compute_overdue", search="_search_is_overdue")
    overdue_days = fields.Integer(
        "Days overdue",
        compute="_compute_overdue",
        search="_search_overdue_days",
        aggregator=None,
        help="Since the expected day, once overdue.",
    )
    overdue_ratio = EstimatedFloat(
        "Order intervals since the last order",
        compute="_compute_overdue",
        digits=(10, 2),
        aggregator=None,
        help="1: the next order is due today.",
    )
    p_alive = EstimatedFloat("Probability of being active", readonly=True, digits=(6, 4), aggregator="avg")
    churn_risk = EstimatedFloat(
        "Churn risk (%)",
        readonly=True,
        digits=(5, 1),
        aggregator="avg",
        help="Probability that this customer will not order within 12 months, based on all customers and on this "
        "customer's own orders.",
    )
    churn_level = fields.Selection(
        [("low", "Low"), ("medium", "Medium"), ("high", "High"), ("lost", "Probably lost")],
        "Churn risk",
        compute="_compute_churn_level",
        search="_search_churn_level",
    )
    expected_orders = EstimatedFloat(
        "Orders expected in 12 months",
        readonly=True,
        digits=(10, 2),
        aggregator="sum",
        help="Predicted from when and how often this customer and all others ordered. Empty: there is no"
        " prediction yet.",
    )
    clv = CustomerAmount(
        "Lifetime value",
        readonly=True,
        help="Expected orders in the next 12 months, or 36 by the settings, times their expected value, discounted by "
        "1% a month. Past revenue is not included.",
    )
    cluster_id = fields.Many2one("crm.customer.cluster", readonly=True, ondelete="set null")
    prediction_date = fields.Date(related="company_id.crm_plus_trained_date", string="Predictions as of")
    prediction_note = fields.Char("Why there is no prediction", compute="_compute_prediction_note")

    amount_note = fields.Char("Why amounts are not shown", compute="_compute_amount_note")

    recent_order_count = fields.Integer("Orders (tier period)", readonly=True)
    recent_revenue = CustomerAmount("Revenue (tier period)", readonly=True)
    recent_margin = CustomerAmount("Margin (tier period)", readonly=True)
    window_order_count = fields.Integer(
        "Orders (scored)", readonly=True, help="Orders of the period that the score of frequency is about."
    )
    window_revenue = CustomerAmount(
        "Revenue (scored)", readonly=True, help="Revenue of the period that the score of revenue is about."
    )
    tier_id = fields.Many2one("crm.tier", readonly=True, ondelete="set null")
    tier_since = fields.Date("In tier since", readonly=True)
    tier_until = fields.Date(
        "Tier is lost on", readonly=True, help="End of the grace period. Empty: the tier is earned."
    )
    tier_stay_ids = fields.One2many("crm.tier.stay", "profile_id", "Tier history")
    tier_override_id = fields.Many2one("crm.tier.override", "Manual", compute="_compute_tier_override")
    next_tier_id = fields.Many2one("crm.tier", "Next tier", compute="_compute_next_tier")
    next_tier_missing = fields.Float(
        "Missing for the next tier",
        compute="_compute_next_tier",
        search="_search_next_tier_missing",
        aggregator=None,
        help="In the unit the tier is measured by.",
    )
    next_tier_progress = fields.Float("Progress to the next tier (%)", compute="_compute_next_tier", aggregator=None)

    is_almost_moved = fields.Boolean(
        "Almost in another segment or tier",
        compute="_compute_near_moves",
        search="_search_is_almost_moved",
        help="One usual order or ten days away from another segment or tier, as the limits are now. An order counts "
        "where it takes the number of orders past a limit, or the tier.",
    )
    near_moves = fields.Text("What is near", compute="_compute_near_moves")

    segment_id = fields.Many2one("crm.segment", readonly=True, ondelete="set null")
    segment_since = fields.Date("In segment since", readonly=True)
    segment_score = fields.Integer(
        "Scores kept", readonly=True, aggregator=None,
        help="The RFM scores that place the customer in this segment. A score changes only when its value has "
             "clearly passed a limit.",
    )  # fmt: skip
    membership_ids = fields.One2many("crm.segment.membership", "profile_id", "Segment history")
    other_segment_ids = fields.Many2many(
        "crm.segment", string="Other segments", compute="_compute_other_segment_ids",
        search="_search_other_segment_ids", help="By conditions, by cluster or manually.",
    )  # fmt: skip

    partner_tag_ids = fields.Many2many(related="partner_id.category_id", string="Customer tags")

    # The customer first: of use to whoever deletes a partner as well, so that there need not be another index.
    _customer_unique = models.Constraint("UNIQUE (partner_id, company_id)", "A customer has one profile per company.")
    _revenue_index = models.Index("(company_id, revenue, id)")
    _tier_index = models.Index("(company_id, tier_id, revenue, id) INCLUDE (partner_id) WHERE tier_id IS NOT NULL")
    # With what the customers of a segment are ordered and added up by, and who they are.
    _segment_index = models.Index("(company_id, segment_id, revenue, id) INCLUDE (partner_id)")

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

    @api.model
    @search_method
    def _search_days_since_order(self, operator, value):
        company = self.env.company
        today, ordered = company._crm_plus_today(), Domain("last_order_date", "!=", False)

        def at_least(days):
            if days <= 0:
                return ordered
            before = company._crm_plus_start_of_day(shifted(today, 1 - min(days, LONGEST)))
            return Domain("last_order_date", "<", before)

        found = compared(operator, value, at_least, ~ordered)
        return found if found is NotImplemented else found & (Domain.TRUE if operator == "in" else ordered)

    @api.depends("next_order_date", "overdue_date", "interval_days", "last_order_date")
    def _compute_overdue(self):
        for profile in self:
            due, interval = profile.next_order_date, profile.interval_days
            today = profile.company_id._crm_plus_today()
            days = (today - due).days if due else 0
            profile.is_overdue = bool(profile.overdue_date) and profile.overdue_date < today
            profile.is_due = days > 0 and not profile.is_overdue
            profile.overdue_days = max(days, 0) if profile.is_overdue else 0
            profile.overdue_ratio = (days + round(interval)) / interval if due and interval else False

    @api.model
    @search_method
    def _search_is_overdue(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        overdue = Domain("overdue_date", "<", self.env.company._crm_plus_today())
        return overdue if True in value else ~overdue

    @api.model
    @search_method
    def _search_is_due(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        today = self.env.company._crm_plus_today()
        due = Domain("next_order_date", "<", today) & ~Domain("overdue_date", "<", today)
        return due if True in value else ~due

    @api.model
    @search_method
    def _search_overdue_days(self, operator, value):
        today = self.env.company._crm_plus_today()

        def at_least(days):
            if days <= 0:
                return Domain.TRUE
            due = Domain("next_order_date", "<=", shifted(today, -min(days, LONGEST)))
            return Domain("is_overdue", "=", True) & due

        return compared(operator, value, at_least, at_least(0) & ~at_least(1))

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

    @api.depends("company_id", "partner_id.user_id")
    @api.depends_context("uid", "lang")
    def _compute_amount_note(self):
        for company, profiles in self.grouped("company_id").items():
            note = amounts.note(self.env, company)
            for profile in profiles:
                profile.amount_note = note and not amounts.may_read(self.env, company, profile.partner_id) and note

    @api.depends("p_alive", "churn_risk", "clv")
    @api.depends_context("uid")
    def _compute_prediction_note(self):
        Model = self.env["crm.purchase.model"]
        for company, profiles in self.grouped("company_id").items():
            purchases, values = Model._abstention(company, "purchases"), Model._abstention(company, "values")
            for profile in profiles:
                predicted = profile._is_predicted()
                profile.prediction_note = (
                    (not predicted and purchases)
                    or (profile.clv is False and not profile.amount_note and values)
                    or False
                )

    def _is_silent(self):
        """Whether a silence that is long for this very customer overrules the rank of the last order."""
        self.ensure_one()
        company = self.company_id
        last = self.last_order_date and company._crm_plus_day(self.last_order_date)
        return bool(last) and is_silent_by(self, last, company._crm_plus_today())

    def _placing_rfm(self):
        """The scores that place the customer in a segment."""
        self.ensure_one()
        if not self.rfm or not self._is_silent():
            return self.rfm
        return f"{min(int(self.rfm[0]), SILENT_SCORE)}{self.rfm[1:]}"

    def _is_predicted(self):
        self.ensure_one()
        return self.p_alive is not False

    @api.depends("tier_id")
    def _compute_tier_override(self):
        given = self.env["crm.tier.override"]._in_force(self.partner_id)
        for profile in self:
            profile.tier_override_id = given.get((profile.partner_id, profile.company_id))

    @api.depends("tier_id", "recent_revenue", "recent_order_count")
    @api.depends_context("uid")
    def _compute_next_tier(self):
        tiers = {company: self.env["crm.tier"]._tiers_of(company) for company in self.company_id}
        for profile in self:
            theirs = tiers.get(profile.company_id, self.env["crm.tier"])
            above = theirs.filtered(lambda t, now=profile.tier_id: not now or _rank(t) > _rank(now))[:1]
            measure = above and above._measure()
            # What is missing would tell the amount.
            is_hidden = measure and isinstance(profile._fields[measure], CustomerAmount) and profile.amount_note
            limit = measure and not is_hidden and above._limit(profile.company_id)
            profile.next_tier_id = above if limit else False
            profile.next_tier_missing = max(limit - profile[measure], 0) if limit else 0
            profile.next_tier_progress = min(max(100 * profile[measure] / limit, 0), 100) if limit else 0

    @api.depends(
        "rfm", "last_order_date", "window_order_count", "window_revenue", "average_order", "overdue_date",
        "interval_days", "churn_risk", "tier_id", "tier_until", "next_tier_missing", "margin", "order_count",
        "segment_id", "segment_since", "segment_score",
    )  # fmt: skip
    @api.depends_context("lang", "uid")
    def _compute_near_moves(self):
        for company, profiles in self.grouped("company_id").items():
            near = NearMoves(self.env, company)
            for profile in profiles:
                profile.near_moves = "\n".join(near.lines(profile))
                profile.is_almost_moved = bool(profile.near_moves)

    @api.model
    @search_method
    def _search_is_almost_moved(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        near = NearMoves(self.env, self.env.company).domain()
        return near if True in value else ~near

    @api.model
    @search_method
    def _search_next_tier_missing(self, operator, value):
        """Customers by what is missing to the tier above theirs, in the current company; who is at the top, or has no
        tier to reach, misses nothing."""
        if operator == "in":
            return Domain.OR(
                self._search_next_tier_missing(">=", number or 0) & self._search_next_tier_missing("<=", number or 0)
                for number in value
            )
        if operator not in ORDERS:
            return NotImplemented
        strict = operator in (">", "<=")
        found = Domain.OR(self._misses(value, strict)) if value > 0 or (strict and value == 0) else Domain.TRUE
        return found if operator.startswith(">") else ~found

    @api.model
    def _misses(self, value, strict):
        """For each tier of the current company, and for none: its customers who miss ``value`` or more to the next."""
        company = self.env.company
        tiers = self.env["crm.tier"]._tiers_of(company)
        for present in (tiers.browse(), *tiers):
            above = tiers.filtered(lambda t, now=present: not now or _rank(t) > _rank(now))[:1]
            measure = above and above._measure()
            if measure and (limit := above._limit(company)):
                less = Domain(measure, "<" if strict else "<=", limit - value)
                yield Domain("tier_id", "=", present.id) & less

    @api.model
    def _other_stays(self):
        return Domain("family_id.kind", "!=", "rfm") & Domain("shadow", "=", False) & Domain("date_to", "=", False)

    @api.depends("membership_ids.segment_id", "membership_ids.date_to")
    def _compute_other_segment_ids(self):
        stays = self.env["crm.segment.membership"].search(self._other_stays() & Domain("profile_id", "in", self.ids))
        found = stays.grouped("profile_id")
        for profile in self:
            profile.other_segment_ids = found.get(profile, stays.browse()).segment_id.sorted()

    @api.model
    @search_method
    def _search_other_segment_ids(self, operator, value):
        if operator.startswith("not"):
            return NotImplemented
        found = Domain("membership_ids", "any", self._other_stays() & Domain("segment_id", operator, value))
        nowhere = operator == "in" and False in value
        return found | ~Domain("membership_ids", "any", self._other_stays()) if nowhere else found

    # ------------------------------------------------------------------ screens

    @api.model
    def _action_customers(self, name, domain, company):
        """A window with these customers of one company, in all the views of customers."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_plus.crm_customer_profile_action")
        domain = Domain("company_id", "=", company.id) & domain
        return action | {"name": name, "domain": list(domain), "help": False, "path": False}

    def action_open_customer(self):
        return self.partner_id.get_formview_action()

    @api.model
    @api.readonly
    def glance(self, partner_id, day=False):
        """The card of a contact, in the current company: who they are at one glance, as texts ready to be read, but
        that their days are in ISO form, for the caller to write in the calendar of the user. With a past ``day``, what
        was known then.

        ``state`` is "none" for whom no company calls a customer, else "ready" with ``who``, ``figures``, each ``{"key",
        "label", "value", "detail", "why"}``, what is ``near``, a ``note`` where something is not known, whether there
        is anything behind it (``has_profile``), and the ``action`` that is best next. What the user may not read is
        left out.
        """
        self.check_access("read")
        partner_id = argument(self.env, "partner_id", partner_id, identifier)
        return glance.card(self.env, partner_id, day and argument(self.env, "day", day, checked_day))

    @api.model
    @api.readonly
    def glance_details(self, partner_id):
        """What is behind the card of a contact: ``scores``, ``history`` of segment and tier, ``others``, ``abc_class``,
        ``months`` and ``source``; as texts, whose days are in ISO form.

        ``state`` is "none" for whom no company calls a customer, "empty" (with a ``text``) before the first order, else
        "ready".
        """
        self.check_access("read")
        partner = self.env["res.partner"].browse(argument(self.env, "partner_id", partner_id, identifier))
        (partner | partner.commercial_partner_id).check_access("read")
        return glance_details.details(self.env, partner)

    @api.model
    @api.readonly
    def segment_map(self):
        """Customers and revenue by scores and segment: ``{"currency_id", "few_note", "cells": [{"r", "f", "segment_id",
        "count", "revenue"}], "segments": [{"id", "name", "color", "description"}]}``; a cell without a segment has
        ``segment_id`` False, and the note says that there are too few customers for ranks."""
        return CustomerMap(self).segments()

    @api.model
    @api.readonly
    def pareto_curve(self, narrowed=None, again=False):
        """`get_concentration` and its curve: ``points`` of (% of the customers, % of what they bring), best first; with
        filters, as in ``{"country_id": 20}``, of the customers that these leave. ``kept`` and ``again`` are those of
        `crm.kpi.day.overview`."""
        chosen = argument(self.env, "narrowed", narrowed, narrowing)
        kept = Kept(self.env, "pareto_curve", chosen, bool(again))
        return kept.answer(CustomerMap(self, chosen).pareto_curve)

    @api.model
    @api.readonly
    def action_open_concentration(self, which, narrowed=None):
        """The window of the customers of an ABC class, or of the "best" fifth, among those that filters leave."""
        self.check_access("read")
        found = CustomerMap(self, argument(self.env, "narrowed", narrowed, narrowing))
        return found.window(argument(self.env, "which", which, choice((*CLASSES, BEST))))

    @api.model
    @api.readonly
    def get_concentration(self):
        """How what the customers of the current company bring is spread over them: ``{"by": "revenue", "classes":
        [{"class": "A", "customers": 20, "revenue": 800.0, "share": 0.8}, ...], "top_share": 0.8, "gini": 0.7}``.

        The share that the best 20 % of the customers bring, and the Gini coefficient, are None without revenue. Who
        gave back more than they bought takes nothing from the shares of others. By margin (``by``), where that decides
        about the ABC classes, all of it is margin.
        """
        return CustomerMap(self).concentration()[0]

    # ------------------------------------------------------------------ lists and groups

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """The lifetime value says of which time it is, by the settings of the company."""
        found = super().fields_get(allfields, attributes)
        if "string" in found.get("clv", {}):
            # sudo: how far the figure looks ahead, to who sees the figure
            months = int(self.env.company.sudo().crm_plus_clv_months)
            found["clv"]["string"] = self.env._("Lifetime value (%s months)", months)
        return found

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "churn_level":
            column = super()._field_to_sql(alias, field_expr, query)
            if not isinstance(self._fields.get(field_expr), CustomerAmount):
                return column
            readable = amounts.readable_sql(self.env, alias)
            return SQL("CASE WHEN %s THEN %s END", readable, column) if readable else column
        # So that customers are counted and grouped by their risk; one who was not predicted has none.
        risk = self._field_to_sql(alias, "churn_risk", query)
        levels = [SQL("WHEN %s >= %s THEN %s", risk, least, level) for least, level in RISK_LEVELS]
        return SQL("CASE %s END", SQL(" ").join(levels))

    def _read_group_groupby(self, alias, groupby_spec, query):
        if groupby_spec != "other_segment_ids":
            return super()._read_group_groupby(alias, groupby_spec, query)
        self._check_field_access(self._fields[groupby_spec], "read")
        stays = self.env["crm.segment.membership"]._search(self._other_stays())
        stay = query.make_alias(alias, "other_stay")
        query.add_join(
            "LEFT JOIN",
            stay,
            stays.subselect(*columns(stays, "profile_id", "segment_id")),
            SQL("%s = %s", SQL.identifier(stay, "profile_id"), SQL.identifier(alias, "id")),
        )
        return SQL.identifier(stay, "segment_id")

    def _read_group_select(self, aggregate_spec, query):
        """Customers added up, as grouped lists, pivots and graphs ask for it, who want the currencies of each amount.

        The currency is that of the company. The host finds it by two joins and a sort of all rows; here the companies
        of each currency are kept apart, which leaves sums that PostgreSQL computes in parallel.
        """
        name, _separator, function = aggregate_spec.partition(":")
        if aggregate_spec == "average_order:avg":
            # What an order of these customers is worth, not the mean of their means.
            revenue, orders = (self._field_to_sql(self._table, field, query) for field in ("revenue", "order_count"))
            # Orders whose amounts the user may not read are in neither sum.
            return SQL("SUM(%(r)s) / NULLIF(SUM(%(o)s) FILTER (WHERE %(r)s IS NOT NULL), 0)", r=revenue, o=orders)
        if aggregate_spec == "currency_id:array_agg_distinct":
            return self._currencies_to_sql(query)
        if function == "sum_currency" and self._fields[name].type == "monetary":
            return self._converted_sum_to_sql(name, query)
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _companies_by_currency(self):
        """``[(currency, ids of the companies that have it)]``."""
        # sudo: only which companies have a currency in common; the rows are those that the user may see.
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        return sorted(companies._read_group([], ["currency_id"], ["id:array_agg"]), key=lambda group: group[0].id)

    def _currencies_to_sql(self, query):
        company = self._field_to_sql(self._table, "company_id", query)
        present = [
            SQL("CASE WHEN bool_or(%s = ANY(%s)) THEN %s END", company, company_ids, currency.id)
            for currency, company_ids in self._companies_by_currency()
        ]
        return SQL("array_remove(ARRAY[%s]::int[], NULL)", SQL(", ").join(present))

    def _converted_sum_to_sql(self, name, query):
        """The sum of the amounts, each divided by the rate of its currency today."""
        amount, company = (self._field_to_sql(self._table, field, query) for field in (name, "company_id"))
        groups = self._companies_by_currency()
        rates = (
            self.env["res.currency"]
            .union(*(currency for currency, _ids in groups))
            ._get_rates(self.env.company, fields.Date.context_today(self))
        )
        if len(groups) == 1:
            return SQL("SUM(%s) / %s", amount, rates[groups[0][0].id])
        return SQL(" + ").join(
            SQL("COALESCE(SUM(%s) FILTER (WHERE %s = ANY(%s)), 0) / %s", amount, company, ids, rates[currency.id])
            for currency, ids in groups
        )

    # ------------------------------------------------------------------ scheduled actions

    @api.model
    def _cron_refresh(self):
        """All customers of every company; one commit a company, more the first time."""
        self.env["crm.customer.queue"]._covered_by(self, self.env["res.company"].search([], order="id"))

    @api.model
    def _refresh_all_of(self, company):
        """All customers of a company, and once, after the first time, where they were in the past. False as long as
        there is more to do, None when another job is at it."""
        if not self._lock_company(company):
            # Another job holds the company: again, then, in a while.
            self.env["crm.job"]._wake("ir_cron_refresh_profiles", fields.Datetime.now() + BUSY)
            return None
        if company.crm_plus_profile_date and not company.crm_plus_replayed_date:
            replay_next(self.env, company)
            return False
        if not self._refresh_company(company, most=PART):
            return False
        return bool(company.crm_plus_replayed_date or not company.crm_plus_profile_date)

    @api.model
    def _cron_refresh_touched(self):
        """Only the customers something has happened with since the last time."""
        queue = self.env["crm.customer.queue"]
        self._committed(queue.search_count, [], progress=lambda count: {"remaining": count})
        self._while_any(self._refresh_queued)

    @api.model
    def _refresh_queued(self):
        """Refresh the next customers of the queue; how many.

        While a full refresh goes on, which may have begun before these events, they stay in the queue.
        """
        companies = self.env["res.company"].search([])
        if not all(map(self._lock_company, companies)):
            return 0
        partner_ids = self.env["crm.customer.queue"]._take(TOUCHED_STEP)
        for company in companies if partner_ids else ():
            self._refresh_some_of(company, partner_ids)
        return len(partner_ids)

    @api.model
    def _refresh_some_of(self, company, partner_ids):
        """A company that cannot be refreshed does not keep the others waiting; its next full refresh catches up."""
        try:
            with self.env.cr.savepoint():
                these = None if self._changes_limits(company, partner_ids) else partner_ids
                if not self._refresh_company(company, these, most=PART):
                    self.env["crm.job"]._wake("ir_cron_refresh_profiles")
                problem = False
        except DISTURBED:
            raise  # the whole step is tried again
        except Exception as error:
            _logger.exception("Customer profiles of %s are not refreshed", company.name)
            problem = str(error)
        self._note_problem(company, problem)

    @api.model
    def _changes_limits(self, company, partner_ids):
        """Whether so many of these customers are new that the limits of the scores say nothing of them."""
        if not company.crm_plus_profile_date or company._crm_plus_basis_changed():
            return True
        few = company._crm_plus_known_customers() * (GROWN - 1)
        if not few or len(partner_ids) < few:
            return False
        known = self.search_count([("company_id", "=", company.id), ("partner_id", "in", partner_ids)])
        return len(partner_ids) - known >= few

    @api.model
    def _refresh_company(self, company, partner_ids=None, most=None):
        """Bring the profiles of a company up to date: all, or those of the customers ``partner_ids``.

        False when another job is at it: two refreshes of one company would only collide, and the later one waits for
        the next time. Also when so many customers are to be written or moved, ``most`` at a time, that it takes too
        long: the others follow with the next call.
        """
        # Conditions of segments may read what differs from company to company.
        profiles = self.with_company(company)
        profiles.env.flush_all()
        if not profiles._lock_company(company):
            return False
        scope = None if partner_ids is None else Scope(ids=tuple(partner_ids))
        return Refresh(profiles.env, company, scope, most).run()

    def _lock_company(self, company):
        return self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(hashtext('crm.customer.profile'), %s)", company.id)
        )[0][0]

    @api.model
    def _after_refresh(self, company, partner_ids):
        """Hook, intended to be extended: what follows from new figures, for these customers or for all (None). Tiers
        and segments come next."""

    @api.model
    def _predict(self, company, scope):
        """Bring the predictions of the customers of the scope up to date; how many rows changed."""
        return outlook.predict(self.env, company, scope)

    # ------------------------------------------------------------------ documents

    @api.model
    def _document_queries(self, company, condition):
        """One SELECT a source of revenue, a row a document: (partner_id, moment, amount, is_order).

        Intended to be extended: a module that knows another source appends its query. ``condition`` is on
        ``partner_id`` and narrows the refresh to some partners. The amount is untaxed, in the currency of the company
        at the rate of the document; refunds are negative and no order, nor is what is worth nothing. The moment is in
        UTC.
        """
        if company.crm_plus_revenue_basis == "invoice":
            gone = returns.reversed_invoices(self.env, company, condition)
            continuing = returns.continuing_invoices(self.env, company, condition, gone)
            return [documents.invoice_query(company, ("out_invoice", "out_refund"), condition, gone, continuing)]
        credited = SQL("%s AND %s", condition, self._counted_credit_notes())
        billed, returned = self._billed_queries(), self._returned_queries(company, condition)
        gone = returns.returned_orders(self.env, company, credited, billed, returned)
        return [
            documents.order_query(company, condition, gone),
            returns.credit_query(company, credited, billed),
        ]

    @api.model
    def _moment_queries(self, company, condition):
        """One SELECT a source of revenue of the moments of documents that add something, without asking what was
        returned later. Intended to be extended like `_document_queries`."""
        if company.crm_plus_revenue_basis == "invoice":
            query = documents.invoice_query(company, ("out_invoice",), condition)
        else:
            query = documents.order_query(company, condition)
        return [SQL("SELECT moment FROM (%s) d WHERE amount > 0", query)]

    @api.model
    def _document_fields(self):
        """Per model what `_document_queries` reads that the timeline does not show: customers are refreshed after a
        change of these as well. Intended to be extended with the query."""
        return {
            "sale.order": frozenset({"amount_untaxed", "currency_rate"}),
            "account.move": frozenset({"amount_untaxed_signed"}),
        }

    @api.model
    def _counted_credit_notes(self):
        """Condition on credit notes in ``account_move`` that are looked at where orders count; intended to be extended
        by a module whose own documents take back the same."""
        return SQL("TRUE")

    @api.model
    def _margin_queries(self, company, condition):
        """One SELECT a source of margins, a row a document: (partner_id, moment, margin), in the currency of the
        company. None where the host knows of no margins, or where invoices count. Intended to be extended with
        `_document_queries`."""
        if not company._crm_plus_knows_margins():
            return []
        credited = SQL("%s AND %s", condition, self._counted_credit_notes())
        return [
            documents.order_margin_query(company, condition),
            returns.credit_margin_query(company, credited, self._billed_queries()),
        ]

    @api.model
    def _billed_queries(self):
        """SELECTs of (move_id, order_id), out of the table ``involved`` of the ids of invoices: those that bill what
        another source of revenue has counted, and the sales order they settle, if any. Intended to be extended with
        `_document_queries`, so that a credit note for such an invoice takes it back."""
        return []

    @api.model
    def _returned_queries(self, company, condition):
        """SELECTs of (order_id, amount): what was taken back of confirmed orders in other ways than by credit notes.
        Intended to be extended: an order that was taken back in full is no purchase."""
        return []


def _rank(tier):
    return tier.sequence, tier.id
