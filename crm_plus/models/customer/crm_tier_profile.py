from odoo import api, fields, models

# Columns of ``crm_plus_fresh`` that tiers are measured by.
FRESH = {"recent_revenue": "recent_revenue", "recent_order_count": "recent_orders"}


class CrmCustomerProfile(models.Model):
    """The tier of a customer and how far the next one is."""

    _inherit = "crm.customer.profile"

    recent_order_count = fields.Integer("Orders (period of the tiers)", readonly=True)
    recent_revenue = fields.Monetary("Revenue (period of the tiers)", readonly=True)
    tier_id = fields.Many2one("crm.tier", readonly=True, ondelete="set null")
    tier_since = fields.Date("In the tier since", readonly=True)
    tier_until = fields.Date(
        "Tier is lost on", readonly=True, help="End of the grace period; empty: the tier is earned."
    )
    tier_stay_ids = fields.One2many("crm.tier.stay", "profile_id", "Stays in tiers")
    tier_override_id = fields.Many2one("crm.tier.override", "Given by hand", compute="_compute_tier_override")
    next_tier_id = fields.Many2one("crm.tier", "Next tier", compute="_compute_next_tier")
    next_tier_missing = fields.Float(
        "Missing for the next tier", compute="_compute_next_tier", aggregator=None, help="In what it is measured by."
    )
    next_tier_progress = fields.Float("Progress to the next tier (%)", compute="_compute_next_tier", aggregator=None)

    _tier_index = models.Index("(company_id, tier_id, revenue, id) INCLUDE (partner_id) WHERE tier_id IS NOT NULL")

    @api.depends("tier_id")
    def _compute_tier_override(self):
        given = self.env["crm.tier.override"]._in_force(self.partner_id)
        for profile in self:
            profile.tier_override_id = given.get((profile.partner_id, profile.company_id))

    @api.depends("tier_id", "recent_revenue", "recent_order_count")
    def _compute_next_tier(self):
        tiers = {company: self.env["crm.tier"]._tiers_of(company) for company in self.company_id}
        for profile in self:
            above = tiers[profile.company_id].filtered(lambda t, now=profile.tier_id: not now or _rank(t) > _rank(now))[
                :1
            ]
            measure = above and above._measure()
            limit = measure and above._limit(profile.company_id)
            profile.next_tier_id = above if limit else False
            profile.next_tier_missing = max(limit - profile[measure], 0) if limit else 0
            profile.next_tier_progress = min(max(100 * profile[measure] / limit, 0), 100) if limit else 0

    @api.model
    def _recompute_cuts(self, company):
        result = super()._recompute_cuts(company)
        self.env["crm.tier"]._recompute_limits(company, FRESH)
        return result

    @api.model
    def _after_refresh(self, company, partner_ids):
        result = super()._after_refresh(company, partner_ids)
        self._refresh_places(company, partner_ids)
        return result

    @api.model
    def _refresh_places(self, company, partner_ids=None):
        """Tiers and segments of these customers, or of all, from the figures their profiles have now."""
        # In this order: a tier may be measured by a prediction, a segment may ask for a tier.
        self._refresh_tiers(company, partner_ids)
        self._refresh_segments(company, partner_ids)
        self.invalidate_model(flush=False)

    @api.model
    def _place_newcomers(self, company):
        families = self.env["crm.segment.family"]._families_of(company)
        return [
            *super()._place_newcomers(company),
            *self.env["crm.tier"]._place_newcomers(company),
            *families._place_newcomers(company),
        ]

    @api.model
    def _refresh_tiers(self, company, partner_ids):
        self.env["crm.tier"]._assign(company, self._scope(partner_ids))
        self.env["crm.tier.stay"]._follow_customers(company)


def _rank(tier):
    return tier.sequence, tier.id
