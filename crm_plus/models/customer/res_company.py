import math
from datetime import datetime, timedelta

import pytz
from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, ormcache

from ...engine.customer.rfm import check_cuts
from ...engine.days import local_day, start_of_day
from ...services.customer.amounts import MANAGER, READERS
from ...services.customer.limits import NEVER

AXES = {
    "recency": "crm_plus_recency_cuts",
    "frequency": "crm_plus_frequency_cuts",
    "monetary": "crm_plus_monetary_cuts",
}
# What limits stay below: days that a calendar has, numbers that a column has.
MOST = {"crm_plus_recency_cuts": 100_000, "crm_plus_frequency_cuts": 10**9, "crm_plus_monetary_cuts": 10**12}
# What decides about the figures, scores, segments and tiers of all customers of a company.
RULES = {
    *AXES.values(), "crm_plus_revenue_basis", "crm_plus_rfm_mode", "crm_plus_margin", "crm_plus_minimum_stay",
    "crm_plus_rfm_window", "crm_plus_tier_months", "crm_plus_value",
}  # fmt: skip
BASES = [("order", "Confirmed orders, net of credit notes"), ("invoice", "Posted invoices, net of credit notes")]
MODES = [("quantile", "Rank among all customers"), ("fixed", "Fixed limits")]
HORIZONS = [("12", "The next 12 months"), ("36", "The next 36 months")]
VALUES = [("revenue", "Revenue"), ("margin", "Margin")]
WINDOWS = [("all", "All orders"), ("36", "36 months"), ("24", "24 months"), ("12", "12 months")]
# Customers read their supplier's company; what it knows of its customers is not for them.
USERS = f"{READERS},base.group_system"
# Limits that were found in the data are the amounts of customers who stand at them.
MANAGERS = f"{MANAGER},base.group_system"


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "crm.remembered.mixin"]

    crm_plus_revenue_basis = fields.Selection(
        BASES,
        "Customer revenue",
        required=True,
        default="order",
        groups=USERS,
    )
    crm_plus_rfm_mode = fields.Selection(
        MODES,
        "RFM scores",
        required=True,
        default="quantile",
        groups=USERS,
        help="By rank, recency and revenue have five groups of about the same size. The groups for frequency are as "
        "uneven as the numbers of orders are. With few customers, the limits follow the usual interval between orders.",
    )
    crm_plus_rfm_window = fields.Selection(
        WINDOWS,
        "Frequency and revenue of",
        required=True,
        default="all",
        groups=USERS,
        help="How far back orders count for the scores of frequency and revenue.",
    )
    crm_plus_recency_cuts = fields.Char(
        "Recency limits",
        default="30, 90, 180, 365",
        groups=USERS,
        help="Maximum number of days since the last order for a score of 5, 4, 3 and 2.",
    )
    crm_plus_frequency_cuts = fields.Char(
        "Frequency limits",
        default="2, 3, 5, 10",
        groups=USERS,
        help="Minimum number of orders for a score of 2, 3, 4 and 5.",
    )
    crm_plus_monetary_cuts = fields.Char(
        "Revenue limits",
        default="100, 500, 2000, 10000",
        groups=USERS,
        help="Minimum revenue for a score of 2, 3, 4 and 5.",
    )
    crm_plus_margin = fields.Float(
        "Margin (%)",
        default=0.05,
        groups=USERS,
        help="How far an age or a revenue must pass a limit that moves with the customers before the customer "
        "changes segment, for at most four weeks.",
    )
    crm_plus_minimum_stay = fields.Integer("Days between two changes", default=7, groups=USERS)
    crm_plus_tier_months = fields.Integer(
        "Tier period (months)",
        default=12,
        groups=USERS,
        help="Tiers are based on revenue and orders of the last months.",
    )
    crm_plus_value = fields.Selection(
        VALUES,
        "ABC classes and lifetime value by",
        required=True,
        default="revenue",
        groups=USERS,
        help="By margin where orders count and Sales records margins. Tiers say themselves what they are measured by.",
    )
    crm_plus_clv_months = fields.Selection(
        HORIZONS,
        "Lifetime value of",
        required=True,
        default="12",
        groups=USERS,
        help="How far the lifetime value of a customer looks ahead.",
    )
    crm_plus_amounts = fields.Selection(
        [
            ("sales", "Everybody in sales"),
            ("own", "Salespeople for their own customers"),
            ("managers", "Sales managers only"),
        ],
        "Who sees revenue and lifetime value",
        required=True,
        default="sales",
        groups=USERS,
        help="Own customers are those whose salesperson they are. Who sees all documents of the sales team sees the "
        "amounts of all customers, unless they are for managers only.",
    )
    crm_plus_tier_cuts = fields.Json(
        "Tier thresholds in use", compute="_compute_remembered", job="refresh", groups=MANAGERS
    )
    crm_plus_rfm_cuts = fields.Json("Limits in use", compute="_compute_remembered", job="refresh", groups=MANAGERS)
    crm_plus_basis_date = fields.Date(
        "Revenue counted differently since", compute="_compute_remembered", job="refresh", groups=USERS
    )
    crm_plus_replayed_date = fields.Date(
        "Past segments replayed", compute="_compute_remembered", job="refresh", groups=USERS
    )
    # What the figures of the profiles were counted by the last time: another basis than the setting until then.
    crm_plus_counted_basis = fields.Char(
        "Revenue counted by", compute="_compute_remembered", job="refresh", groups=USERS
    )
    crm_plus_profile_date = fields.Datetime(
        "Profiles refreshed", compute="_compute_remembered", job="refresh", groups=USERS
    )
    crm_plus_trained_date = fields.Date("Predictions as of", compute="_compute_remembered", job="train", groups=USERS)
    # The last customer predicted since the models were trained; 0 when all are.
    crm_plus_predicted_until = fields.Integer(
        compute="_compute_remembered", job="train", groups=USERS, string="Predicted up to customer"
    )
    crm_plus_population_gap = fields.Float(
        "Usual interval of all customers (days)", compute="_compute_remembered", job="train", groups=USERS
    )
    crm_plus_population_spread = fields.Float(
        "Spread of the intervals of a customer", compute="_compute_remembered", job="train", groups=USERS
    )

    _crm_plus_margin_is_a_part = models.Constraint(
        "CHECK (crm_plus_margin >= 0 AND crm_plus_margin < 1)", "Margin: must be between 0 and 100%."
    )
    _crm_plus_stay_not_negative = models.Constraint(
        "CHECK (crm_plus_minimum_stay BETWEEN 0 AND 3650)", "Days between two changes: must be between 0 and 3650."
    )

    _crm_plus_tier_months_positive = models.Constraint(
        "CHECK (crm_plus_tier_months BETWEEN 1 AND 600)", "Tier period: must be between 1 and 600 months."
    )

    @api.model_create_multi
    def create(self, vals_list):
        if any("crm_plus_amounts" in vals for vals in vals_list):
            self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        result = super().write(vals)
        if "crm_plus_amounts" in vals:
            self.env.registry.clear_cache()
            self.env.invalidate_all()
        if RULES & vals.keys():
            self.env["crm.job"]._wake("ir_cron_refresh_profiles")
        if {"crm_plus_clv_months", "crm_plus_value"} & vals.keys():
            # sudo: all customers are predicted anew, by the models in use
            self.sudo().crm_plus_predicted_until = -1
            self.env["crm.job"]._wake("ir_cron_train")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_stays(self):
        """First of all: as long as there are stays, the company's tiers and segments cannot go with it."""
        for name in ("crm.tier.stay", "crm.segment.membership"):
            # sudo: they are written by nobody; who may delete the company deletes what is its own.
            self.env[name].sudo().search([("company_id", "in", self.ids)]).unlink()

    @api.constrains(*AXES.values())
    def _check_crm_plus_cuts(self):
        for company in self:
            for name in AXES.values():
                company._crm_plus_fixed_cuts(name)

    def _crm_plus_fixed_cuts(self, name):
        """The four limits of a field as numbers; a `ValidationError` names the field."""
        text = self[name] or ""
        try:
            cuts = check_cuts([float(part) for part in text.split(",")])
            if not all(abs(cut) <= MOST[name] for cut in cuts):
                raise ValueError(text)
            return cuts
        except ValueError as error:
            raise ValidationError(
                self.env._(
                    "%(field)s: “%(text)s” is not four ascending numbers. Enter, for example, %(example)s.",
                    field=self._fields[name].get_description(self.env, ["string"])["string"],
                    text=text,
                    example=self._fields[name].default(self),
                )
            ) from error

    def _crm_plus_found(self, name):
        """Limits that the refresh has found in the data, ``"crm_plus_rfm_cuts"`` or ``"crm_plus_tier_cuts"``."""
        # sudo: for code that compares customers with them; what it tells users of them hides amounts
        return self.sudo()[name] or {}

    def _crm_plus_cuts(self):
        """Rising cut-points per axis: dates for recency, numbers for the others; what reaches all four scores 5."""
        self.ensure_one()
        stored = self._crm_plus_found("crm_plus_rfm_cuts")
        abc = [NEVER if cut is None else cut for cut in stored.get("abc", [None] * 2)]
        if self.crm_plus_rfm_mode == "fixed":
            return self._crm_plus_fixed_limits(self._crm_plus_today()) | {"abc": abc}
        return self._crm_plus_rank_limits(stored) | {"abc": abc}

    def _crm_plus_fixed_limits(self, today):
        """The limits of the settings on a day."""
        ages = self._crm_plus_fixed_cuts("crm_plus_recency_cuts")
        return {
            "recency": [today - timedelta(days=math.floor(age)) for age in reversed(ages)],
            "frequency": [math.ceil(cut) for cut in self._crm_plus_fixed_cuts("crm_plus_frequency_cuts")],
            "monetary": self._crm_plus_fixed_cuts("crm_plus_monetary_cuts"),
        }

    def _crm_plus_rank_limits(self, found):
        """Limits that were found in the customers; nobody reaches one that was not."""
        limits = {"recency": NEVER, "frequency": 2147483647, "monetary": NEVER}
        return {
            name: [limit if cut is None else cut for cut in found.get(name, [None] * 4)]
            for name, limit in limits.items()
        }

    def _crm_plus_basis_changed(self):
        """Whether the profiles still have the figures of another basis of revenue."""
        return bool(self.crm_plus_counted_basis) and self.crm_plus_counted_basis != self.crm_plus_revenue_basis

    def _crm_plus_few(self):
        """How many customers there are, where they are too few for parts of the same size; else 0."""
        return self._crm_plus_found("crm_plus_rfm_cuts").get("few", 0) if self.crm_plus_rfm_mode == "quantile" else 0

    def _crm_plus_knows_margins(self):
        """Whether the host records margins of what counts as revenue."""
        return self.crm_plus_revenue_basis == "order" and "margin" in self.env["sale.order"]._fields

    def _crm_plus_by_margin(self):
        return self.crm_plus_value == "margin" and self._crm_plus_knows_margins()

    def _crm_plus_value_column(self):
        """SQL of what a customer of figures just added up is worth."""
        return SQL("margin") if self._crm_plus_by_margin() else SQL("revenue")

    def _crm_plus_window_since(self, today=None):
        """First day of the period whose orders count for frequency and revenue; none where all do."""
        if self.crm_plus_rfm_window == "all":
            return None
        return (today or self._crm_plus_today()) - relativedelta(months=int(self.crm_plus_rfm_window))

    def _crm_plus_knows_limits(self):
        """Whether there has been anybody to find the limits of the scores in."""
        return any(cut is not None for cut in self._crm_plus_found("crm_plus_rfm_cuts").get("monetary", ()))

    def _crm_plus_known_customers(self):
        """Among how many customers the limits of the scores were found, before many more came."""
        return self._crm_plus_found("crm_plus_rfm_cuts").get("customers", 0)

    def _crm_plus_tz(self):
        """Name of the time zone in which the days of this company begin."""
        return self.partner_id.tz or "UTC"

    def _crm_plus_noon(self):
        """The time from midnight UTC to about noon of the same day here, in winter as in summer.

        Noon, so that what has a date only stays on that date, even where the day begins half a day earlier.
        """
        now = datetime.now(pytz.timezone(self._crm_plus_tz()))
        return timedelta(hours=12) - (now.utcoffset() - now.dst())

    def _crm_plus_today(self):
        return fields.Date.context_today(self.with_context(tz=self._crm_plus_tz()))

    @api.model
    @ormcache()
    def _crm_plus_amounts_kept(self):
        """``{company id: setting}`` of the companies where not everybody in sales reads amounts of customers."""
        # sudo: the setting of every company, which decides about the rows of each.
        companies = self.sudo().with_context(active_test=False).search([("crm_plus_amounts", "!=", "sales")])
        return {company.id: company.crm_plus_amounts for company in companies}

    def _crm_plus_day(self, moment):
        """The day that a moment in UTC is on here."""
        return local_day(moment, pytz.timezone(self._crm_plus_tz()))

    def _crm_plus_stay_since(self, days=0):
        """Who came after this day stays, so many days from now: the minimum stay is not over.

        Nobody has to stay where limits have put them that were those of far fewer customers, as before an import, or
        figures that were counted in another way.
        """
        patient = self._crm_plus_today() + timedelta(days=days - self.crm_plus_minimum_stay)
        return max(patient, self._crm_plus_limits_since() or patient, self.crm_plus_basis_date or patient)

    def _crm_plus_limits_since(self):
        """The day since which the limits of the scores are those of about as many customers, if they were found."""
        return fields.Date.to_date(self._crm_plus_found("crm_plus_rfm_cuts").get("since"))

    def _crm_plus_tier_since(self, today=None):
        """First day of the period whose revenue and orders count for a tier."""
        return (today or self._crm_plus_today()) - relativedelta(months=self.crm_plus_tier_months)

    def _crm_plus_start_of_day(self, day):
        """The moment, in UTC, at which a day begins in the time zone of the company."""
        return start_of_day(day, pytz.timezone(self._crm_plus_tz()))

    def _crm_plus_problem(self, cron_id):
        """Why a scheduled action failed for this company; None when it did not."""
        return self.env["crm.job.memory"]._of(self).get(self.id, {}).get(f"problem of {cron_id}")

    def _crm_plus_note_problem(self, cron_id, text):
        """Note why a scheduled action failed for this company, or that it no longer does (False)."""
        problem = f"problem of {cron_id}"
        if text or self._crm_plus_problem(cron_id):
            self.env["crm.job.memory"]._note(self, problem, {problem: text or None})
