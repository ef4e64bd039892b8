from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...services.customer import amounts
from ...services.loyalty.stage import STORED
from ...services.loyalty.tier_moves import TierMoves, best_limits

# What a tier is measured by: the column of the profile.
MEASURES = {"revenue": "recent_revenue", "margin": "recent_margin", "orders": "recent_order_count", "clv": "clv"}
# What is read of them whenever they are looked at.
READ = ("name", "color", "sequence", "company_id", "active", "basis", "rule", "threshold", "top_percent", "benefits")


class CrmTier(models.Model):
    """A level such as Gold: who reaches it, how long it is kept, what it brings. Later in the order is higher."""

    _name = "crm.tier"
    _inherit = ["crm.customer.group.mixin", "crm.preview.mixin", "crm.readable.mixin"]
    _description = "Loyalty tier"
    _deciding = frozenset(
        {"active", "sequence", "company_id", "basis", "rule", "threshold", "top_percent", "grace_days"}
    )
    _order = "sequence, id"
    _stays = "crm.tier.stay"

    sequence = fields.Integer("Rank", help="The higher the number, the higher the tier.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", ondelete="cascade", help="Empty: for all companies that have no tiers of their own."
    )
    basis = fields.Selection(
        [
            ("revenue", "Revenue in the tier period"),
            ("margin", "Margin in the tier period"),
            ("orders", "Orders in the tier period"),
            ("clv", "Expected lifetime value"),
        ],
        "Measured by",
        required=True,
        default="revenue",
    )
    rule = fields.Selection(
        [("amount", "At or above an amount"), ("top", "Best share of customers")],
        "Reached",
        required=True,
        default="amount",
    )
    threshold = fields.Float(help="Amounts are in the currency of each company.")
    top_percent = fields.Float(
        "Best share (%)",
        default=5.0,
        help="Among customers with orders in the period. Recomputed by every full refresh.",
    )
    grace_days = fields.Integer(
        "Grace period (days)", default=30, help="How long customers keep a tier they no longer earn."
    )
    benefits = fields.Text(translate=True, help="Describe the benefits.")
    rank_note = fields.Char("Note on the rank", compute="_compute_rank_note")
    limit = fields.Float("Limit in use", compute="_compute_limit", help="In the current company.")
    limit_note = fields.Char("Limit not shown", compute="_compute_limit", help="Why the limit is not shown.")

    _grace_not_negative = models.Constraint(
        "CHECK (grace_days BETWEEN 0 AND 3650)", "Grace period (days): must be between 0 and 3650."
    )
    _limit_positive = models.Constraint(
        "CHECK (rule <> 'amount' OR threshold > 0)", "Threshold: must be more than zero."
    )
    _part_is_a_percentage = models.Constraint(
        "CHECK (rule <> 'top' OR top_percent > 0 AND top_percent <= 100)", "Best share: must be between 0 and 100%."
    )

    @api.depends("rule", "threshold", "basis")
    @api.depends_context("company", "uid")
    def _compute_limit(self):
        """A limit that was found in the data is the amount of the last customer above it."""
        hidden = amounts.extent(self.env, self.env.company) == "none" and amounts.note(self.env, self.env.company)
        for tier in self:
            tier.limit_note = tier.rule == "top" and tier.basis != "orders" and hidden
            tier.limit = 0 if tier.limit_note else tier._limit(self.env.company)

    @api.depends("sequence", "basis", "rule", "threshold", "top_percent", "active", "company_id")
    @api.depends_context("company")
    def _compute_rank_note(self):
        """Whoever reaches a tier has none of the lower ones: one that is reached more easily leaves them empty."""
        for tier in self:
            above = tier._tiers_of(tier.company_id or self.env.company).filtered(
                lambda other, tier=tier: (
                    other != tier._origin
                    and (other.sequence, other.id) > (tier.sequence, tier._origin.id or 0)
                    and tier._is_harder_than(other)
                )
            )
            tier.rank_note = (tier.active and above and tier._rank_warning(above[0])) or False

    def _rank_warning(self, above):
        return self.env._(
            "Nobody has this tier: %s ranks higher and is reached more easily. Drag the tiers into order.", above.name
        )

    def _is_harder_than(self, other):
        """Whether it takes more to reach this tier than another one that is measured alike."""
        if self.basis != other.basis:
            return False
        if self.rule == other.rule == "top":
            return self.top_percent < other.top_percent
        mine, theirs = self._limit(self.env.company), other._limit(self.env.company)
        return bool(mine and theirs) and mine > theirs

    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        tiers._rules_changed()
        return tiers

    def write(self, vals):
        result = super().write(vals)
        if self._decided_by(vals):
            self._rules_changed()
        return result

    def unlink(self):
        result = super().unlink()
        self._rules_changed()
        return result

    @api.model
    def _rules_changed(self):
        """Customers are promoted and demoted soon, not only at night."""
        self.env["crm.job"]._wake("ir_cron_refresh_profiles")

    def _customer_counts(self, company):
        present = self._customers_domain() & Domain("company_id", "=", company.id)
        return dict(self.env["crm.customer.profile"]._read_group(present, ["tier_id"], ["__count"]))

    def _customers_domain(self):
        return Domain("tier_id", "in", self.ids)

    @api.model
    def _tiers_of(self, company):
        """The tiers of a company from the lowest to the highest: its own or else the shared ones."""
        tiers = self.search_fetch([("company_id", "in", [company.id, False])], READ)
        return tiers.filtered("company_id") or tiers

    def _limit(self, company):
        """What must be reached in a company; nothing, if that is not known yet."""
        self.ensure_one()
        if self.rule == "amount":
            return self.threshold
        return float(company._crm_plus_found("crm_plus_tier_cuts").get(str(self._origin.id)) or 0)

    def _measure(self):
        """Column of the profile that counts, if the profile has it."""
        column = MEASURES[self.basis]
        return column if column in self.env["crm.customer.profile"]._fields else None

    # ------------------------------------------------------------------ who has which tier

    @api.model
    def _moves(self, company, scope, stage=STORED):
        """The moves between the tiers of a company (``scope``: a condition on the profiles ``p``)."""
        return TierMoves(self._tiers_of(company), company, scope, stage)

    @api.model
    def _assign(self, company, scope, most=None):
        """Promote and demote the customers of the company, at most so many; whether that are all."""
        moves = self._moves(company, scope)
        count = moves.place(most)
        if count:
            moves.record()
        moves.drop()
        return most is None or count < most

    @api.model
    def _recompute_limits(self, company, fresh=None):
        """Find the limits of tiers for the best part of the customers.

        ``fresh``: the table of figures that have just been added up and are not stored yet.
        """
        best = self._tiers_of(company).filtered(lambda tier: tier.rule == "top" and tier._measure())
        found = best_limits(self.env, company, best, fresh)
        if found != company._crm_plus_found("crm_plus_tier_cuts"):
            # sudo: the limits that the refresh has found
            company.sudo().crm_plus_tier_cuts = found

    # ------------------------------------------------------------------ previews

    def _applies_to(self, company):
        # A tier that is being archived is no longer among them, but customers who have it are moved.
        return self.company_id <= company and (self in self._tiers_of(company) or not self.active)

    def _preview_moves(self, company):
        """Also who begins to lose a tier, with the last day of the grace, and who no longer does."""
        self._recompute_limits(company)
        rows = self.env.execute_query(
            SQL(
                """SELECT old, new, until, count(*) FROM (%s) m
                    GROUP BY old, new, until ORDER BY count(*) DESC, old, new, until""",
                self._moves(company, SQL("TRUE")).query(),
            )
        )
        return self._name_moves(self, rows)
