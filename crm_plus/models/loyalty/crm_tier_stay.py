from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import format_date

from ...services.customer import words
from ...services.loyalty.replay import TierReplay


class CrmTierStay(models.Model):
    _name = "crm.tier.stay"
    _inherit = ["crm.stay.mixin", "crm.filled.mixin"]
    _filled_by = "ir_cron_refresh_profiles"
    _description = "Stay in a tier"
    _place = "tier_id"
    _act_cron = "ir_cron_act_on_tiers"

    tier_id = fields.Many2one("crm.tier", required=True, readonly=True, ondelete="restrict")
    previous_tier_id = fields.Many2one("crm.tier", "Previous", readonly=True, ondelete="set null")
    warning_pending = fields.Boolean(readonly=True, copy=False, string="Warning pending")

    _one_at_a_time = models.UniqueIndex("(company_id, partner_id) WHERE date_to IS NULL")
    _tier_index = models.Index("(tier_id, date_from)")
    _previous_index = models.Index("(previous_tier_id) WHERE previous_tier_id IS NOT NULL")
    _warning_index = models.Index("(id) WHERE warning_pending")

    def _reason_to_text(self, reason):
        if reason.get("outcome") == "given":
            return self.env._("manual: %s", reason.get("text"))
        if reason.get("outcome") == "replayed":
            return self.env._("replayed from the orders of the time")
        if not reason:
            return ""
        orders, months = words.orders(self.env, reason["orders"]), words.months(self.env, reason["months"])
        revenue = self._amount_text(reason["revenue"])
        if revenue is None:
            return self.env._("%(orders)s in %(months)s", orders=orders, months=months)
        return self.env._("%(revenue)s and %(orders)s in %(months)s", revenue=revenue, orders=orders, months=months)

    @api.model
    def _replay(self, past):
        """Stays of the time before the first recorded day, from the orders of then."""
        TierReplay(past, self.env["crm.tier"]._tiers_of(past.company)).run()
        self.invalidate_model(flush=False)

    # ------------------------------------------------------------------ benefits

    def _pending_domain(self):
        return super()._pending_domain() | Domain("warning_pending", "=", True)

    def _act(self):
        result = super()._act()
        warned = self.filtered("warning_pending")
        for stays in warned.grouped("tier_id").values():
            stays._attempt("_warn")
        warned.warning_pending = False
        return result

    def _warn(self):
        """Tell the salesperson, while there is time, that the customer is about to lose the tier."""
        for stay in self.filtered(lambda stay: stay.profile_id.tier_until and stay.partner_id.active):
            if user := stay._responsible():
                stay.with_context(lang=user.lang)._warn_user(user)

    def _warn_user(self, user):
        tier, until = self.tier_id, format_date(self.env, self.profile_id.tier_until)
        self.partner_id.activity_schedule(
            activity_type_id=tier.warning_activity_type_id.id,
            summary=self.env._("%(tier)s only until %(date)s", tier=tier.name, date=until),
            user_id=user.id,
        )
